using System.Net;
using CsCheck;
using Tapline.Wire;
using Tapline.Wire.Netlink;

namespace Tapline.Tests.Wire;

public sealed class NetlinkCodecTests
{
    // ip link add va mtu 1450 type veth peer name vb; ip link set va address … master br0 alias 'one end' up; without its many other attributes
    private const string Link =
        "00000100040000004310010000000000" + "0700030076610000" + "08000400aa050000" + "0500100006000000" + "0c0014006f6e6520656e6400"
        + "08000a0002000000" + "0500210001000000" + "0a00010002000000000a0000" + "10001200" + "090001007665746800000000" + "0800050003000000";

    // ip addr add 192.0.2.5/24 brd + dev vb
    private const string Address =
        "0218800003000000" + "08000100c0000205" + "08000200c0000205" + "08000400c00002ff" + "0700030076620000" + "0800080080000000";

    // ip route add 198.51.100.0/24 via 192.0.2.1 dev vb proto 200
    private const string Route = "02180000fec8000100000000" + "08000f00fe000000" + "08000100c6336400" + "08000500c0000201" + "0800040003000000";

    // ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev vb nud permanent
    private const string Neighbour = "020000000300000080000001" + "08000100c0000201" + "0a0002000200000000010000" + "0800040000000000";

    // a datagram 127.0.0.1:4000 → 127.0.0.1:5001 under "ct zone set 7"
    private const string Conntrack =
        "02000000" + "34000180" + "14000180080001007f000001080002007f000001" + "1c0002800500010011000000060002000fa000000600030013890000"
        + "34000280" + "14000180080001007f000001080002007f000001" + "1c00028005000100110000000600020013890000060003000fa00000"
        + "0600120000070000" + "0800030000000008" + "0800080000000000" + "08000c003fb790f1" + "08000b0000000001" + "080007000000001d";

    // nft add chain inet t c
    private const string NewChain =
        "38000000030a0004010000001b3b000001000003" + "0600010074000000" + "0600030063000000" + "0c0002000000000000000004" + "0800060000000000";

    [Fact]
    public void A_link_is_read()
    {
        var link = RouteCodec.Link(Bytes(Link));

        Assert.NotNull(link);
        Assert.Equal((4, "va", "veth", 1450, 2, 3), (link.Index, link.Name, link.Kind, link.Mtu, link.MasterIndex, link.PeerIndex));
        Assert.Equal((true, true, OperationalState.Up, "one end"), (link.Up, link.Carrier, link.OperationalState, link.Alias));
        Assert.Equal([2, 0, 0, 0, 0, 10], link.Mac);
        Assert.Null(link.LinkNetNsId);
    }

    [Fact]
    public void An_address_a_route_and_a_neighbour_are_read()
    {
        Assert.Equal(
            new AddressInfo { LinkIndex = 3, Address = IPAddress.Parse("192.0.2.5"), PrefixLength = 24, Flags = 0x80 },
            RouteCodec.Address(Bytes(Address)));
        Assert.Equal(
            new RouteInfo
            {
                Destination = IPAddress.Parse("198.51.100.0"),
                PrefixLength = 24,
                Gateway = IPAddress.Parse("192.0.2.1"),
                PreferredSource = null,
                LinkIndex = 3,
                Protocol = 200,
                Table = 254,
                Type = 1,
            },
            RouteCodec.Route(Bytes(Route)));
        var neighbour = RouteCodec.Neighbour(Bytes(Neighbour));
        Assert.Equal(("192.0.2.1", NeighbourState.Permanent), (neighbour?.Address.ToString(), neighbour?.State));
        Assert.Equal([2, 0, 0, 0, 0, 1], neighbour?.Mac);
    }

    [Fact]
    public void A_tracked_connection_is_read_and_named_for_deletion()
    {
        var entry = ConntrackCodec.Entry(Bytes(Conntrack));

        Assert.NotNull(entry);
        Assert.Equal((7, 17, 29u), (entry.Zone, (int)entry.Original.Protocol, entry.TimeoutSeconds));
        Assert.Equal<(int?, int?)>((4000, 5001), (entry.Original.SourcePort, entry.Original.DestinationPort));
        Assert.Equal<(int?, int?)>((5001, 4000), (entry.Reply.SourcePort, entry.Reply.DestinationPort));
        Assert.Equal(ConntrackStatus.Confirmed, entry.Status);
        var tuple = Conntrack[8..(8 + (2 * 0x34))];
        Assert.Equal(
            "58000000" + "02010500" + "01000000" + "00000000" + "02000000" + tuple + "0600120000070000" + "08000c003fb790f1",
            Hex(ConntrackCodec.Delete(entry)));
    }

    [Fact]
    public void A_change_of_nftables_is_read()
    {
        var events = new List<NftablesEvent>();
        ReadOnlySpan<byte> datagram = Bytes(NewChain);

        NftablesMonitor.Read(NetlinkMessage.Take(ref datagram), events);

        Assert.Equal(
            new NftablesEvent(NftablesEventKind.Chain) { Family = 1, Table = "t", Name = "c", PortId = 0x00003b1b },
            Assert.Single(events));
        Assert.True(datagram.IsEmpty);
    }

    [Fact]
    public void A_port_that_leaves_its_bridge_is_not_a_deleted_link()
    {
        var events = new List<RouteEvent>();
        var asPort = "07" + Link[2..];
        ReadOnlySpan<byte> left = Bytes(Header(17, asPort) + asPort);
        ReadOnlySpan<byte> deleted = Bytes(Header(17, Link) + Link);

        RouteMonitor.Read(NetlinkMessage.Take(ref left), events);
        RouteMonitor.Read(NetlinkMessage.Take(ref deleted), events);

        Assert.Equal([false, true], events.Select(e => e.Deleted));
        Assert.Equal(["va", "va"], events.Select(e => e.LinkName));
    }

    [Fact]
    public void Requests_are_the_bytes_that_ip_8_would_send()
    {
        // ip addr replace 192.0.2.5/24 brd + dev #3
        Assert.Equal(
            "3000000014000505" + "0100000000000000" + "0218000003000000" + "08000200c0000205" + "08000100c0000205" + "08000400c00002ff",
            Hex(RouteRequests.Address(20, 3, IPAddress.Parse("192.0.2.5"), 24)));

        // ip link del group 5
        Assert.Equal("2800000011000500" + "0100000000000000" + new string('0', 32) + "08001b0005000000", Hex(RouteRequests.DeleteGroup(5)));

        // ip link set #3 up nomaster
        Assert.Equal(
            "2800000010000500" + "0100000000000000" + "00000000030000000100000001000000" + "08000a0000000000",
            Hex(RouteRequests.SetLink(3, new LinkChange { Up = true, Master = "" }, 0)));

        // ip route replace default via 192.0.2.1 dev #3 proto 200 onlink
        Assert.Equal(
            "2c00000018000505" + "0100000000000000" + "02000000fec8000104000000" + "08000500c0000201" + "0800040003000000",
            Hex(RouteRequests.Route(24, new(2, null, 0) { Via = IPAddress.Parse("192.0.2.1"), LinkIndex = 3, Protocol = 200, OnLink = true })));
    }

    [Fact]
    public void Nested_attributes_carry_their_own_length()
    {
        var bytes = Hex(RouteRequests.NewVeth(new("va", null, 1500), new("vb", null, 1400), farNamespace: 9));

        Assert.EndsWith(
            "40001280" + "0900010076657468" + "00000000" + "30000280" + "2c000180" + new string('0', 32)
            + "0700030076620000" + "0800040078050000" + "08001c0009000000",
            bytes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0300010000", 16)] // shorter than its own header
    [InlineData("0900010000000000", 16)] // longer than what is there
    [InlineData("0700030076610000" + "0500", 24)] // a piece of a header
    [InlineData("0600040000000000", 20)] // an MTU of two bytes
    public void Malformed_attributes_are_refused_with_their_place(string attributes, int offset)
    {
        var thrown = Assert.Throws<WireFormatException>(() => RouteCodec.Link(Bytes(Link[..32] + attributes)));

        Assert.Equal(offset, thrown.Offset);
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_but_never_worse() => Gen.Byte.Array[0, 120].Sample(bytes =>
    {
        Refused(() => RouteCodec.Link(bytes));
        Refused(() => RouteCodec.Address(bytes));
        Refused(() => RouteCodec.Route(bytes));
        Refused(() => RouteCodec.Neighbour(bytes));
        Refused(() => ConntrackCodec.Entry(bytes));
        Refused(() =>
        {
            ReadOnlySpan<byte> rest = bytes;
            NftablesMonitor.Read(NetlinkMessage.Take(ref rest), []);
            return rest.Length;
        });
    });

    private static void Refused<T>(Func<T> read)
    {
        try
        {
            read();
        }
        catch (WireFormatException)
        {
        }
    }

    private static string Header(int type, string payload) =>
        Hex(BitConverter.GetBytes(16 + (payload.Length / 2))) + Hex(BitConverter.GetBytes((ushort)type)) + "0000" + "0000000000000000";

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    private static string Hex(MessageWriter request) => Convert.ToHexStringLower(request.Finish(1));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
