using CsCheck;
using Tapline.Core.Doctor;
using Tapline.Core.Primitives;

namespace Tapline.HostTests.Doctor;

/// <summary>A switch to be laid out: a line of words a port, flows and groups as ovs-ofctl takes them.</summary>
internal sealed record SwitchLayout(IReadOnlyList<BridgeLayout> Bridges, IReadOnlyList<FrameIn> Frames);

/// <summary>A bridge; ports as <c>NAME columns of Port | columns of Interface | config</c>.</summary>
internal sealed record BridgeLayout(string Name, IReadOnlyList<PortLayout> Ports, IReadOnlyList<string> Flows, IReadOnlyList<string> Groups, IReadOnlyList<string> Fdb);

/// <summary>A port with the columns of its rows in the database, and its OpenFlow setting (<c>no-flood</c> …).</summary>
internal sealed record PortLayout(string Name, string[] Port, string[] Interface, string Config);

/// <summary>A frame, and by which port it comes.</summary>
internal sealed record FrameIn(string Bridge, string Port, Packet Packet);

/// <summary>Generates switches, flows and frames from small pools, so that they meet.</summary>
internal static class RandomSwitch
{
    private static readonly string[] Macs =
        ["fa:16:3e:00:00:01", "fa:16:3e:00:00:02", "fa:16:3e:00:00:03", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "01:80:c2:00:00:03", "01:00:0c:cc:cc:cd"];

    private static readonly string[] Addresses = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "192.0.2.1"];
    private static readonly string[] SixAddresses = ["fe80::1", "2001:db8::1"];

    /// <summary>Port columns of the database; the first ones most often.</summary>
    private static readonly string[] Vlans =
    [
        "", "", "", "tag=1", "tag=1", "tag=1", "tag=2", "tag=3", "trunks=1,2", "trunks=0,3", "tag=4095", "vlan_mode=access", "vlan_mode=trunk tag=2",
        "vlan_mode=native-tagged tag=1", "vlan_mode=native-untagged tag=1", "vlan_mode=native-untagged tag=2 trunks=1,3",
        "vlan_mode=native-tagged tag=1 trunks=2", "vlan_mode=trunk trunks=1", "vlan_mode=native-untagged",
        "tag=1 other_config:priority-tags=always", "tag=2 other_config:priority-tags=if-nonzero", "tag=1 protected=true", "protected=true",
        "vlan_mode=access tag=1 trunks=2,3",
    ];

    private static readonly string[] Configs = ["", "", "", "", "", "", "", "", "", "", "no-flood", "no-forward", "no-receive"];

    private static readonly Gen<PortLayout[]> Patches = RandomFlow.Pick("sound", "sound", "sound", "sound", "one-sided", "astray").Select(kind => new[]
    {
        Patch("a-b", kind == "astray" ? "nowhere" : "b-a"),
        Patch("b-a", kind == "one-sided" ? "b-c" : "a-b"),
        Patch("b-c", "c-b"),
        Patch("c-b", "b-c"),
    });

    internal static readonly Gen<SwitchLayout> Any =
        from patches in Patches
        from a in Bridge("br-a", ["a1", "a2", "a3", "a4"], [patches[0]])
        from b in Bridge("br-b", ["b1", "b2", "gone"], [patches[1], patches[2]])
        from c in Bridge("br-c", ["c1", "c2"], [patches[3]])
        from frames in Frame.Array[25]
        select new SwitchLayout([a, b, c], frames);

    private static Gen<BridgeLayout> Bridge(string name, string[] ports, PortLayout[] patches)
    {
        string[] all = [.. ports, .. patches.Select(patch => patch.Name)];
        string[] known = [.. all.Where(port => port != "gone").Select(port => $"\"{port}\""), "LOCAL"];
        return from laid in Gen.Select(RandomFlow.Pick(Vlans), RandomFlow.Pick(Configs)).Array[all.Length]
               from modern in Gen.Bool
               from flows in RandomFlow.Flows(known, modern)
               from groups in RandomFlow.Groups(known)
               from fdb in Gen.Select(RandomFlow.Pick(known), Gen.Int[0, 3], RandomFlow.Pick(Macs[..3])).Array[0, 6]
               select new BridgeLayout(
                   name,
                   [.. all.Select((port, index) => Port(port, laid[index].Item1, laid[index].Item2, patches.FirstOrDefault(patch => patch.Name == port)))],
                   flows,
                   groups,
                   [.. fdb.DistinctBy(entry => (entry.Item2, entry.Item3)).Select(entry => $"{(entry.Item1 == "LOCAL" ? name : entry.Item1.Trim('"'))} {entry.Item2} {entry.Item3}")]);
    }

    private static PortLayout Port(string name, string vlans, string config, PortLayout? patch)
    {
        // Patch ports are trunks as a rule.
        var columns = patch is not null && vlans.StartsWith("tag", StringComparison.Ordinal) ? "" : vlans;
        return new PortLayout(
            name,
            columns.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            patch?.Interface ?? (name == "gone" ? ["type=system"] : ["type=dummy"]),
            name == "gone" ? "" : config);
    }

    private static PortLayout Patch(string name, string peer) => new(name, [], ["type=patch", $"options:peer={peer}"], "");

    private static readonly Gen<Packet> Packets =
        from kind in Gen.Int[0, 6]
        from macs in Gen.Select(RandomFlow.Pick(Macs[..3]), RandomFlow.Pick(Macs))
        from vlan in RandomFlow.Pick<int?>(null, null, null, null, 0, 1, 2, 3, 7)
        from addresses in Gen.Select(RandomFlow.Pick(Addresses), RandomFlow.Pick(Addresses))
        from sixes in Gen.Select(RandomFlow.Pick(SixAddresses), RandomFlow.Pick(SixAddresses))
        from ports in Gen.Select(RandomFlow.Pick(80, 443, 53), RandomFlow.Pick(80, 443, 53))
        from rest in Gen.Select(RandomFlow.Pick(64, 64, 1, 2), RandomFlow.Pick(0, 46), RandomFlow.Pick(2, 16, 18), Gen.Int[1, 2])
        let six = kind == 6
        select new Packet
        {
            EtherSource = MacAddress.Parse(macs.Item1),
            EtherDestination = MacAddress.Parse(macs.Item2),
            Vlan = vlan,
            EtherType = kind switch { 0 or 1 => Packet.EtherArp, 5 => 0x88b5, 6 => Packet.EtherIpv6, _ => Packet.EtherIpv4 },
            Source = IpAddress.Parse(six ? sixes.Item1 : addresses.Item1),
            Destination = IpAddress.Parse(six ? sixes.Item2 : addresses.Item2),
            ArpOperation = kind < 2 ? rest.Item4 : 0,
            ArpSender = kind < 2 ? MacAddress.Parse(macs.Item1) : default,
            Protocol = kind switch { 0 or 1 or 5 => 0, 2 => Packet.Icmp, 3 => Packet.Tcp, 4 => Packet.Udp, _ => Packet.Icmpv6 },
            IcmpType = kind switch { 2 => 8, 6 => 128, _ => 0 },
            SourcePort = kind is 3 or 4 ? ports.Item1 : 0,
            DestinationPort = kind is 3 or 4 ? ports.Item2 : 0,
            TcpFlags = kind == 3 ? rest.Item3 : 0,
            TimeToLive = rest.Item1,
            Dscp = kind > 1 && kind != 5 ? rest.Item2 : 0,
        };

    private static Gen<FrameIn> Frame =>
        from at in RandomFlow.Pick("br-a a1", "br-a a1", "br-a a2", "br-a a3", "br-a a4", "br-b b1", "br-b b2", "br-c c1", "br-c c2", "br-a br-a", "br-b b-a", "br-c br-c")
        from packet in Packets
        select new FrameIn(at.Split(' ')[0], at.Split(' ')[1], packet);
}
