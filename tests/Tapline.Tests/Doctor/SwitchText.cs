using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor;

/// <summary>Switches, frames and results in few words.</summary>
internal static class SwitchText
{
    internal static readonly MacAddress Guest = MacAddress.Parse("fa:16:3e:00:00:05");
    internal static readonly MacAddress Router = MacAddress.Parse("fa:16:3e:00:00:01");
    internal static readonly MacAddress Everyone = new(0xffff_ffff_ffff);

    internal static ObservedSwitch Switch(params ObservedBridgeOfSwitch[] bridges) =>
        new() { DaemonAnswers = true, Version = "3.1.0", Bridges = [.. bridges] };

    /// <summary>Ports as <c>qvo1 tag=1</c>, <c>t trunks=1+2 mode=native-tagged</c>, <c>p peer=q</c>, <c>x number=-1</c>, <c>x set=NO_FLOOD</c>, <c>x down</c>; numbers follow their order.</summary>
    internal static ObservedBridgeOfSwitch Bridge(string name, string[] ports, params string[] flows) => new()
    {
        Name = name,
        DatapathType = "netdev",
        FailMode = "secure",
        Ports = [Port(name, 65534), .. ports.Select((port, index) => Port(port, index + 1))],
        Flows = [.. flows],
    };

    private static ObservedPort Port(string text, int number)
    {
        var words = text.Split(' ');
        var values = words.Skip(1).Select(word => word.Split('=')).ToDictionary(word => word[0], word => word.Length > 1 ? word[1] : "");
        var type = values.ContainsKey("peer") ? "patch" : number == 65534 ? "internal" : values.GetValueOrDefault("type", "");
        return new ObservedPort
        {
            Name = words[0],
            Tag = values.TryGetValue("tag", out var tag) ? int.Parse(tag) : null,
            Trunks = values.TryGetValue("trunks", out var trunks) ? [.. trunks.Split('+').Select(int.Parse)] : [],
            VlanMode = values.GetValueOrDefault("mode", ""),
            OtherConfig = values.TryGetValue("other", out var other) ? [new Setting(other.Split(':')[0], other.Split(':')[1])] : [],
            Interfaces =
            [
                new ObservedInterface
                {
                    Name = words[0],
                    Type = type,
                    Ofport = values.TryGetValue("number", out var given) ? int.Parse(given) : number,
                    Error = values.GetValueOrDefault("error", ""),
                    LinkState = values.ContainsKey("down") ? "down" : "up",
                    Options = values.TryGetValue("peer", out var peer) ? [new Setting("peer", peer)] : [],
                    Config = values.TryGetValue("set", out var set) ? [.. set.Split('+')] : [],
                },
            ],
        };
    }

    internal static Packet Arp(MacAddress? destination = null) => new()
    {
        EtherSource = Guest,
        EtherDestination = destination ?? Everyone,
        EtherType = Packet.EtherArp,
        ArpOperation = 1,
        ArpSender = Guest,
        Source = IpAddress.Parse("10.0.0.5"),
        Destination = IpAddress.Parse("10.0.0.1"),
    };

    internal static Packet Ping(MacAddress? destination = null) => new()
    {
        EtherSource = Guest,
        EtherDestination = destination ?? Router,
        EtherType = Packet.EtherIpv4,
        Protocol = Packet.Icmp,
        IcmpType = 8,
        Source = IpAddress.Parse("10.0.0.5"),
        Destination = IpAddress.Parse("8.8.8.8"),
    };

    /// <summary>Ports with their tags: <c>eth1 qr/2 tap/1/5</c>, in order of names; <c>?</c> in front where something is unknown.</summary>
    internal static string Ways(this SwitchResult result) => (result.Unknown is null ? "" : "? ") + string.Join(' ', result.Outputs.Select(Way).Order(StringComparer.Ordinal));

    internal static string LastWords(this SwitchResult result) => result.Steps[^1].Does;

    private static string Way(SwitchOutput output) =>
        output.Port + (output.Packet.Vlan is { } vlan ? $"/{vlan}" : "") + (output.Packet.InnerVlan is { } inner ? $"/{inner}" : "");
}
