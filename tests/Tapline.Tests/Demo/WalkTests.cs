using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tapline.Demo;
using Tapline.Wire.Ovs;
using Tapline.Wire.Packets;

namespace Tapline.Tests.Demo;

/// <summary>The walk claims what was captured, and of Open vSwitch only what both its trace and its counters bear out.</summary>
public sealed class WalkTests
{
    private const int Pings = 3;

    // As Open vSwitch 3.1 prints it.
    private const string Trace = """
        Flow: icmp,in_port=qvo1,vlan_tci=0x0000,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_src=192.168.1.5,nw_dst=10.1.0.1

        bridge("br-int")
        ----------------
         0. priority 0, cookie 0x7a91
            NORMAL
             -> forwarding to learned port

        bridge("br-eth1")
        -----------------
         0. in_port="phy-br-eth1",dl_vlan=1, priority 4, cookie 0x7a91
            pop_vlan
            NORMAL
             -> forwarding to learned port

        Final flow: unchanged
        Datapath actions: eth1
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_trace_names_bridges_and_the_port_that_a_flow_matched()
    {
        Assert.Equal([new Crossing("br-int", null), new Crossing("br-eth1", "phy-br-eth1")], SwitchView.CrossingsIn(Trace));
        Assert.Equal([new Crossing("br-int", "p"), new Crossing("br-x", null)],
            SwitchView.CrossingsIn("bridge(\"br-int\")\n---\n 0. ip,in_port=p,dl_vlan=1, priority 3\n drop\n\nbridge(\"br-x\")\n---\n 0. No match."));
        Assert.Empty(SwitchView.CrossingsIn("Bad openflow flow syntax"));
    }

    [Fact]
    public async Task A_way_through_patch_ports_is_told_where_their_counters_grew_with_it()
    {
        var walk = await AssembleAsync(Grown());

        Assert.Empty(walk.Gaps);
        Assert.Equal(
            [("qvo1", "capture"), ("br-int", "ofproto-trace"), ("int-br-eth1", "ofproto-trace"), ("phy-br-eth1", "ofproto-trace"), ("br-eth1", "ofproto-trace"), ("eth1", "capture")],
            walk.Hops.Select(hop => (hop.Device, hop.SeenBy)));
        Assert.Equal([null, 7, 7, 7, null, null], walk.Hops.Select(hop => hop.Vlan));
    }

    [Theory]
    [InlineData("qvo1", "qvo1 eth1")]
    [InlineData("int-br-eth1", "qvo1 br-int eth1")]
    [InlineData("phy-br-eth1", "qvo1 br-int eth1")]
    [InlineData("eth1", "qvo1 br-int int-br-eth1 phy-br-eth1 br-eth1 eth1")]
    public async Task What_a_counter_does_not_bear_out_is_left_out_and_told(string port, string hops)
    {
        var grown = Grown();
        grown[port] = new PortCounters(0, 2, 2);

        var walk = await AssembleAsync(grown);

        Assert.Equal(hops, string.Join(' ', walk.Hops.Select(hop => hop.Device)));
        var gap = Assert.Single(walk.Gaps);
        Assert.StartsWith("3 packets were recorded at qvo1, but " + port, gap, StringComparison.Ordinal);
        Assert.EndsWith("counted 2", gap, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_counted_before_does_not_count()
    {
        var walk = await AssembleAsync(Grown(), before: Grown());

        Assert.Equal(["qvo1", "eth1"], walk.Hops.Select(hop => hop.Device));
        Assert.Single(walk.Gaps);
    }

    [Fact]
    public async Task A_trace_that_names_nothing_is_a_gap()
    {
        var walk = await AssembleAsync(Grown(), trace: "");

        Assert.Equal("ofproto/trace names no bridge for what came in at qvo1", Assert.Single(walk.Gaps));
    }

    private static Dictionary<string, PortCounters> Grown() => new()
    {
        ["qvo1"] = new(1, Pings, 0),
        ["int-br-eth1"] = new(2, 0, Pings),
        ["phy-br-eth1"] = new(1, Pings, 0),
        ["eth1"] = new(2, 0, Pings),
    };

    private static Task<Walk> AssembleAsync(
        IReadOnlyDictionary<string, PortCounters> after, IReadOnlyDictionary<string, PortCounters>? before = null, string trace = Trace) =>
        Walk.AssembleAsync(
            new Recording([.. Enumerable.Range(1, Pings).SelectMany(Sightings)]),
            sequence: Pings,
            reply: false,
            (_, _, _) => Task.FromResult(SwitchView.CrossingsIn(trace)),
            new SwitchView(Database(), new SwitchCounters(before ?? new Dictionary<string, PortCounters>()), new SwitchCounters(after)));

    private static IEnumerable<Sighting> Sightings(int sequence)
    {
        var addresses = new FrameAddresses([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], IPAddress.Parse("192.168.1.5"), IPAddress.Parse("10.1.0.1"));
        var bytes = Frames.IcmpEchoRequest(addresses, 77, (ushort)sequence, new byte[8]);
        Sighting At(string device, bool outgoing, int place) => new("", device, "veth", new CapturedFrame
        {
            Bytes = bytes,
            TimestampNanoseconds = (sequence * 100) + place,
            IsOutgoing = outgoing,
            OriginalLength = bytes.Length,
            IsChecksumPending = false,
        }, ParsedFrame.Parse(bytes));
        return [At("qvo1", outgoing: false, 0), At("eth1", outgoing: true, 1)];
    }

    private static OvsdbSnapshot Database()
    {
        var tables = new JsonObject { ["Bridge"] = new JsonObject(), ["Port"] = new JsonObject(), ["Interface"] = new JsonObject() };
        JsonArray Add(string table, JsonObject row)
        {
            var id = Guid.NewGuid().ToString();
            tables[table]![id] = new JsonObject { ["new"] = row };
            return new JsonArray("uuid", id);
        }

        JsonNode Port(string name, int? tag = null, string? peer = null) => Add("Port", new JsonObject
        {
            ["name"] = name,
            ["tag"] = tag is { } number ? number : OvsValue.Set(),
            ["interfaces"] = Add("Interface", new JsonObject
            {
                ["name"] = name,
                ["type"] = peer is null ? "" : "patch",
                ["options"] = OvsValue.Map(peer is null ? [] : [new("peer", peer)]),
            }),
        });
        Add("Bridge", new JsonObject { ["name"] = "br-int", ["ports"] = OvsValue.Set(Port("qvo1", tag: 7), Port("int-br-eth1", peer: "phy-br-eth1")) });
        Add("Bridge", new JsonObject { ["name"] = "br-eth1", ["ports"] = OvsValue.Set(Port("eth1"), Port("phy-br-eth1", peer: "int-br-eth1")) });
        using var document = JsonDocument.Parse(tables.ToJsonString());
        return OvsdbSnapshot.Empty.With(document.RootElement.Clone());
    }
}
