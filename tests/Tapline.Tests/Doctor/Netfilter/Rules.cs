using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor.Netfilter;

/// <summary>Small rule sets and packets for tests.</summary>
internal static class Rules
{
    public static readonly Packet Ping = new()
    {
        EtherSource = MacAddress.Parse("fa:16:3e:10:00:00"),
        EtherDestination = MacAddress.Parse("fa:16:3e:40:00:a1"),
        EtherType = Packet.EtherIpv4,
        Source = IpAddress.Parse("192.168.1.5"),
        Destination = IpAddress.Parse("172.24.4.1"),
        Protocol = Packet.Icmp,
        IcmpType = 8,
        SourcePort = 77,
    };

    public static Packet Tcp(int port) => Ping with { Protocol = Packet.Tcp, IcmpType = 0, SourcePort = 40000, DestinationPort = port, TcpFlags = 2 };

    /// <summary>The lines of <c>iptables-save</c>, built-in chains left out where they accept.</summary>
    public static Ruleset Iptables(string text, string? ipsets = null, string program = "iptables-legacy") =>
        RulesetReader.Read(new ObservedNamespace { Name = "", Iptables = [new RuleDump(program, text)], Ipsets = ipsets });

    public static FilterContext At(HookPoint hook, Packet packet, string family = "ip") => new()
    {
        Packet = packet,
        Family = family,
        Hook = hook,
        In = hook == HookPoint.Output ? null : "in0",
        Out = hook is HookPoint.Prerouting or HookPoint.Input ? null : "out0",
    };

    public static FilterResult Run(this Ruleset ruleset, HookPoint hook, Packet packet) => HookRun.Run(ruleset, At(hook, packet));

    /// <summary>The context of the packet's next hook.</summary>
    public static FilterContext Then(this FilterResult result, FilterContext before, HookPoint hook) => before with
    {
        Hook = hook,
        Packet = result.Packet,
        Tracking = result.Tracking,
        Connections = result.Connections,
        Out = hook is HookPoint.Prerouting or HookPoint.Input ? null : "out0",
    };
}
