using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Tapline.Wire;
using Tapline.Wire.Ovs;

namespace Tapline.Tests.Wire;

public sealed class OvsCodecTests
{
    // table=3,priority=1234,cookie=0xabc,n_packets=2,n_bytes=120,arp,actions=drop
    private const string Flow =
        "0040" + "03" + "00" + "0000000100000000" + "04d2" + "0000" + "0000" + "0000" + "00000000" + "0000000000000abc" + "0000000000000002"
        + "0000000000000078" + "0001000a80000a020806" + "000000000000";

    private static readonly string FlowReply = "04130050" + "00000001" + "0001000100000000" + Flow;

    [Fact]
    public void Flows_are_asked_for_and_read()
    {
        Assert.Equal(
            "04120038" + "00000001" + "0001000000000000" + "ff000000ffffffffffffffff00000000" + "00000000000000000000000000000000" + "0001000400000000",
            Convert.ToHexStringLower(OpenFlowCodec.FlowsRequest(1)));

        var flows = new List<FlowStats>();
        OpenFlowCodec.ReadFlows(Convert.FromHexString(FlowReply + Flow), flows);

        Assert.Equal(2, flows.Count);
        var flow = flows[1];
        Assert.Equal((3, 1234, 0xabcUL, 2UL, 120UL), (flow.Table, flow.Priority, flow.Cookie, flow.PacketCount, flow.ByteCount));
        Assert.Equal("80000a020806", Convert.ToHexStringLower(flow.Match));
        Assert.Empty(flow.Instructions);
        Assert.True(OpenFlowCodec.HasMore(Convert.FromHexString(FlowReply)));
    }

    [Fact]
    public void Ports_are_read()
    {
        var ports = new List<SwitchPort>();
        var name = Convert.ToHexString(Encoding.ASCII.GetBytes("qvo1".PadRight(16, '\0')));
        var port = "00000005" + "00000000" + "02000000000a" + "0000" + name + "00000000" + "00000001" + new string('0', 48);

        OpenFlowCodec.ReadPorts(Convert.FromHexString("04130050" + "00000001" + "000d000000000000" + port), ports);

        var only = Assert.Single(ports);
        Assert.Equal((5u, "qvo1", true), (only.Number, only.Name, only.IsDown));
        Assert.Equal([2, 0, 0, 0, 0, 10], only.Mac);
    }

    [Fact]
    public void Port_counters_are_asked_for_and_read()
    {
        Assert.Equal("04120018" + "00000001" + "0004000000000000" + "ffffffff00000000", Convert.ToHexStringLower(OpenFlowCodec.PortCountersRequest(1)));

        var header = "041300f0" + "00000001" + "0004000000000000";
        var counted = "00000005" + "00000000" + "0000000000000003" + "0000000000000102" + new string('0', 160) + "0000000100000000";
        var notKept = "fffffffe" + "00000000" + new string('f', 192) + "0000000100000000";
        var counters = new List<PortCounters>();
        OpenFlowCodec.ReadPortCounters(Convert.FromHexString(header + counted + notKept), counters);

        Assert.Equal([new PortCounters(5, 3, 0x102), new PortCounters(0xfffffffe, 0, 0)], counters);
        var cut = Assert.Throws<WireFormatException>(() => OpenFlowCodec.ReadPortCounters(Convert.FromHexString(header + counted[..^2]), []));
        Assert.Equal(16, cut.Offset);
    }

    [Theory]
    [InlineData(2 * 18, "0010", 16)] // a flow shorter than its header
    [InlineData((2 * 16) + 4, "", 16)] // cut
    public void Malformed_flows_are_refused_with_their_place(int at, string replacement, int offset)
    {
        var bytes = replacement.Length == 0
            ? FlowReply[..at]
            : string.Concat(FlowReply.AsSpan(0, 32), replacement, FlowReply.AsSpan(at));

        var thrown = Assert.Throws<WireFormatException>(() => OpenFlowCodec.ReadFlows(Convert.FromHexString(bytes), []));

        Assert.Equal(offset, thrown.Offset);
    }

    [Fact]
    public void Random_bytes_are_read_or_refused() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            OpenFlowCodec.ReadFlows(bytes, []);
        }
        catch (WireFormatException)
        {
        }
    });

    [Fact]
    public void Objects_are_told_apart_wherever_the_stream_is_cut() =>
        Gen.Select(Gen.String[0, 20].Array[1, 5], Gen.Int[1, 7]).Sample((texts, size) =>
        {
            var objects = texts.Select(text => new JsonObject { [text] = new JsonArray((JsonNode)(text + "}\\\"{")) }.ToJsonString()).ToArray();
            var stream = Encoding.UTF8.GetBytes(string.Join("\n ", objects));
            var found = new List<string>();
            var framer = new JsonFramer();
            var start = 0;
            for (var at = 0; at < stream.Length;)
            {
                var piece = stream.AsSpan(at, Math.Min(size, stream.Length - at));
                var end = framer.FindEnd(piece);
                at += end < 0 ? piece.Length : end;
                if (end >= 0)
                {
                    found.Add(Encoding.UTF8.GetString(stream.AsSpan(start, at - start)).Trim());
                    start = at;
                }
            }

            return found.SequenceEqual(objects);
        });

    [Fact]
    public void Columns_are_read_in_all_their_forms()
    {
        var id = Guid.NewGuid();
        var row = Row($$"""
            {"name":"br0","tag":["set",[]],"one":7,"many":["set",[3,1]],"flag":true,"none":["set",[]],
             "ids":["map",[["a","b"],["c","d"]]],"ref":["uuid","{{id}}"],"refs":["set",[["uuid","{{id}}"],["uuid","{{id}}"]]]}
            """);

        Assert.Equal(("br0", null, 7, true), (row.Name, row.GetLong("tag"), row.GetLong("one"), row.GetBool("flag")));
        Assert.Equal(["1", "3"], row.GetSet("many"));
        Assert.Equal(["7"], row.GetSet("one"));
        Assert.Empty(row.GetSet("none"));
        Assert.Equal("d", row.GetMap("ids")["c"]);
        Assert.Equal([id], row.GetUuids("ref"));
        Assert.Equal([id, id], row.GetUuids("refs"));
        Assert.Null(row.GetString("absent"));
        Assert.Empty(row.GetMap("absent"));
        Assert.Equal("true", row.GetString("flag"));
    }

    [Fact]
    public void Updates_insert_change_and_delete_rows()
    {
        var (a, b) = (Guid.NewGuid(), Guid.NewGuid());
        var first = OvsdbSnapshot.Empty.With(Json($$$"""{"Bridge":{"{{{a}}}":{"new":{"name":"x"} },"{{{b}}}":{"new":{"name":"y"} } } }"""));
        var second = first.With(Json($$$"""{"Bridge":{"{{{a}}}":{"old":{"name":"x"},"new":{"name":"z"} },"{{{b}}}":{"old":{"name":"y"} } } }"""));

        Assert.Equal(["x", "y"], first.Bridges.Select(row => row.Name).Order());
        Assert.Equal(["z"], second.Bridges.Select(row => row.Name));
        Assert.Equal(a, second.Named("Bridge", "z")?.Uuid);
        Assert.Null(second.Configuration);
    }

    [Fact]
    public void A_transaction_is_written_as_the_protocol_wants_it()
    {
        var id = Guid.Parse("11111111-2222-3333-4444-555555555555");
        var transaction = new OvsdbTransaction()
            .Insert("Port", new JsonObject { ["name"] = "p", ["external_ids"] = OvsValue.Map([new("k", "v")]) }, "new1")
            .Mutate("Bridge", id, "ports", "insert", OvsValue.Set(OvsValue.NamedUuid("new1")))
            .Delete("Port", id);

        Assert.Equal(
            """[{"op":"insert","table":"Port","row":{"name":"p","external_ids":["map",[["k","v"]]]},"uuid-name":"new1"},"""
            + """{"op":"mutate","table":"Bridge","where":[["_uuid","==",["uuid","11111111-2222-3333-4444-555555555555"]]],"mutations":"""
            + """[["ports","insert",["set",[["named-uuid","new1"]]]]]},"""
            + """{"op":"delete","table":"Port","where":[["_uuid","==",["uuid","11111111-2222-3333-4444-555555555555"]]]}]""",
            transaction.ToJson());
    }

    private static OvsRow Row(string json) => new(Guid.NewGuid(), Json(json));

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
