using System.Text;
using System.Text.Json;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Reading;

public sealed class ObservationJsonTests
{
    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        var bytes = ObservationJson.Write(Sample);

        Assert.Equal(Sample, ObservationJson.Read(bytes));
        var text = Encoding.UTF8.GetString(bytes);
        Assert.Contains("""
            "nftables":{"nftables": [{"table": {"family": "inet"}}]}
            """, text, StringComparison.Ordinal);
        Assert.Contains("""
            "destination":"0.0.0.0/0","next_hops":[{"via":"192.0.2.1","device":"eth0","usable":true,"on_link":false}]
            """, text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_would_be_too_large_loses_connections_first_and_says_so()
    {
        var connection = new ObservedConnection { Protocol = 17, Original = Tuple, Reply = Tuple };
        var large = Sample with
        {
            Namespaces = [Sample.Namespaces[0] with { Connections = Enumerable.Repeat(connection, 5000).ToValueList() }],
        };

        var some = ObservationJson.Read(ObservationJson.Write(large, largest: 600_000));
        var none = ObservationJson.Read(ObservationJson.Write(large, largest: 20_000));

        Assert.Equal((1000, 0), (some.Namespaces[0].Connections.Count, none.Namespaces[0].Connections.Count));
        Assert.Contains("connections: 4000 left out, the file would be too large", some.Unread);
        Assert.Equal(Sample.Processes, none.Processes);
        Assert.True(ObservationJson.Write(large, largest: 20_000).Length <= 20_000);
    }

    [Theory]
    [InlineData("""{"schema":99,"host":"h","kernel":"k","at":"2026-01-01T00:00:00Z"}""", "schema 99")]
    [InlineData("null", "null")]
    [InlineData("""{"schema":1}""", "host")]
    public void Another_file_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<JsonException>(() => ObservationJson.Read(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    private static FlowTuple Tuple { get; } = new(IpAddress.Parse("10.0.0.1"), IpAddress.Parse("10.0.0.2"), 1, 2);

    private static Observation Sample { get; } = new()
    {
        Host = "h1",
        Kernel = "6.1.0",
        At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Namespaces =
        [
            new ObservedNamespace
            {
                Name = "",
                Inode = 4026531840,
                Links =
                [
                    new ObservedLink
                    {
                        Index = 2,
                        Name = "eth0",
                        Kind = "",
                        Mac = MacAddress.Parse("02:00:00:00:00:01"),
                        Peer = new LinkEnd("qrouter-1", "qr-1"),
                        Bridge = new ObservedBridge { Vlans = [new Setting("eth0", "1 PVID")] },
                    },
                ],
                Routes =
                [
                    new ObservedRoute
                    {
                        Table = 254,
                        Type = "unicast",
                        Destination = IpPrefix.Parse("0.0.0.0/0"),
                        NextHops = [new NextHop(IpAddress.Parse("192.0.2.1"), "eth0", true, false)],
                    },
                ],
                Rules = [new ObservedRule { IsV6 = true, Priority = 7, Action = "lookup", Table = 100, Mark = 3, From = IpPrefix.Parse("fd00::/8") }],
                Neighbours = [new ObservedNeighbour("eth0", IpAddress.Parse("192.0.2.1"), null, "failed", false)],
                Fdb = [new ObservedFdbEntry("br0", "eth0", MacAddress.Parse("02:00:00:00:00:02"), 4, false, true)],
                Sysctls = [new Setting("net/ipv4/ip_forward", "1")],
                Qdiscs = [new ObservedQdisc("eth0", "root", "netem", "qdisc netem")],
                Nftables = """{"nftables": [{"table": {"family": "inet"}}]}""",
                Iptables = [new RuleDump("iptables-legacy", "*filter\n-A INPUT -m comment --comment \"a <b>\" -j ACCEPT\n")],
                Connections = [new ObservedConnection { Zone = 4, Protocol = 1, Original = Tuple, Reply = Tuple, Status = 8 }],
                Counters = [new Setting("IpInDiscards", "3")],
            },
        ],
        Switch = new ObservedSwitch
        {
            DaemonAnswers = true,
            Bridges =
            [
                new ObservedBridgeOfSwitch
                {
                    Name = "br-int",
                    Ports = [new ObservedPort { Name = "p", Tag = 3, Trunks = [1, 2], Interfaces = [new ObservedInterface { Name = "p", Ofport = -1, Config = ["PORT_DOWN"] }] }],
                    Flows = ["priority=0 actions=NORMAL"],
                    Fdb = [new LearnedMac("p", 3, MacAddress.Parse("02:00:00:00:00:03"), 5)],
                },
            ],
        },
        Processes = [new ObservedProcess { Pid = 5, Name = "dnsmasq", Namespace = "qdhcp-1", State = "S", Arguments = ["--x"], Files = [new ProcessFile("/h", "a\n")] }],
        Facts = [new Setting("selinux", "absent")],
        Unread = ["flows of br-int: no answer"],
    };
}
