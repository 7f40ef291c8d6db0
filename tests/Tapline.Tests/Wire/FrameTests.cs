using System.Net;
using CsCheck;
using Tapline.Wire;
using Tapline.Wire.Packets;

namespace Tapline.Tests.Wire;

public sealed class FrameTests
{
    private const string Echo = "02000000000b02000000000a080045000021000000004001f6d8c0000201c00002020800cde8004d00036162636465";
    private const string Datagram = "02000000000b02000000000a080045000021000000004011f6c8c0000201c00002020fa01388000d14d668656c6c6f";

    private const string Advertisement =
        "33330000000102000000000a86dd6000000000203aff20010db8000000000000000000000005ff02000000000000000000000000000188007919a0000000"
        + "20010db8000000000000000000000005020102000000000a";

    private static readonly byte[] MacA = [2, 0, 0, 0, 0, 0xa];
    private static readonly byte[] MacB = [2, 0, 0, 0, 0, 0xb];
    private static readonly FrameAddresses AToB = new(MacA, MacB, IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

    [Fact]
    public void Built_frames_are_the_known_bytes()
    {
        Assert.Equal(Echo, Hex(Frames.IcmpEchoRequest(AToB, 77, 3, "abcde"u8)));
        Assert.Equal(Datagram, Hex(Frames.Udp(AToB, 4000, 5000, "hello"u8)));
        Assert.Equal(Advertisement, Hex(Frames.UnsolicitedNeighbourAdvertisement(MacA, IPAddress.Parse("2001:db8::5"), isRouter: true)));
        Assert.Equal(
            "ffffffffffff02000000000a0806" + "0001080006040001" + "02000000000ac0000201" + "000000000000c0000201",
            Hex(Frames.GratuitousArpRequest(MacA, AToB.SourceIp)));
        Assert.Equal(
            "ffffffffffff02000000000a0806" + "0001080006040002" + "02000000000ac0000201" + "ffffffffffffc0000201",
            Hex(Frames.GratuitousArpReply(MacA, AToB.SourceIp)));
    }

    [Fact]
    public void An_echo_request_is_read()
    {
        var frame = ParsedFrame.Parse(Convert.FromHexString(Echo));

        Assert.Equal(MacB, frame.Destination);
        Assert.Equal(MacA, frame.Source);
        Assert.Equal(("192.0.2.1", "192.0.2.2"), (frame.SourceIp?.ToString(), frame.DestinationIp?.ToString()));
        Assert.Equal<(int?, int?, int?, int?, int?)>((1, 8, 0, 77, 3), (frame.Protocol, frame.IcmpType, frame.IcmpCode, frame.IcmpId, frame.IcmpSequence));
        Assert.Equal<(int?, int?)>((null, 64), (frame.Vlan, frame.Ttl));
        Assert.False(frame.IsFragment);
    }

    [Fact]
    public void A_tag_is_put_in_and_read()
    {
        var tagged = Frames.Tagged(Convert.FromHexString(Datagram), 42);
        var frame = ParsedFrame.Parse(tagged);

        Assert.StartsWith("02000000000b02000000000a8100002a0800", Hex(tagged), StringComparison.Ordinal);
        Assert.Equal<(int?, int?, int?)>((42, 4000, 5000), (frame.Vlan, frame.SourcePort, frame.DestinationPort));
        Assert.Equal("hello"u8.ToArray(), frame.Payload);
        Assert.Equal(EtherType.Vlan, ParsedFrame.Parse(Frames.Tagged(tagged, 0)).EtherType);
    }

    [Fact]
    public void Padding_is_no_payload()
    {
        var frame = ParsedFrame.Parse([.. Convert.FromHexString(Datagram), .. new byte[13]]);

        Assert.Equal("hello"u8.ToArray(), frame.Payload);
    }

    [Fact]
    public void A_later_fragment_has_no_ports()
    {
        var bytes = Convert.FromHexString(Datagram);
        bytes[20] = 0x20; // more fragments
        bytes[21] = 5;

        var frame = ParsedFrame.Parse(bytes);

        Assert.Equal((40, true, true), (frame.FragmentOffset, frame.MoreFragments, frame.IsFragment));
        Assert.Null(frame.SourcePort);
    }

    [Fact]
    public void Neighbour_discovery_is_read_behind_extension_headers()
    {
        var plain = ParsedFrame.Parse(Convert.FromHexString(Advertisement));
        var hidden = Convert.FromHexString(Advertisement).ToList();
        hidden[14 + 6] = 0; // hop-by-hop first
        hidden[14 + 5] = 0x28;
        hidden.InsertRange(14 + 40, [58, 0, 1, 4, 0, 0, 0, 0]);
        var behind = ParsedFrame.Parse([.. hidden]);

        foreach (var frame in new[] { plain, behind })
        {
            Assert.Equal<(int?, int?, string?)>((58, 136, "2001:db8::5"), (frame.Protocol, frame.IcmpType, frame.NeighbourTarget?.ToString()));
            Assert.Equal(MacA, frame.NeighbourMac);
        }
    }

    [Fact]
    public void Arp_is_read()
    {
        var arp = ParsedFrame.Parse(Frames.ArpRequest(MacA, AToB.SourceIp, AToB.DestinationIp)).Arp;

        Assert.NotNull(arp);
        Assert.Equal((ArpFields.Request, AToB.SourceIp, AToB.DestinationIp), (arp.Operation, arp.SenderIp, arp.TargetIp));
        Assert.Equal(MacA, arp.SenderMac);
    }

    [Fact]
    public void A_release_names_client_and_server()
    {
        var release = DhcpPayloads.DhcpRelease(IPAddress.Parse("192.0.2.9"), MacA, IPAddress.Parse("192.0.2.2"), 0x01020304);

        Assert.Equal(300, release.Length);
        Assert.Equal("0101060001020304" + "00000000" + "c0000209", Hex(release[..16]));
        Assert.Equal("02000000000a", Hex(release[28..34]));
        Assert.Equal("63825363" + "350107" + "3604c0000202" + "ff", Hex(release[236..250]));
    }

    [Fact]
    public void A_frame_cut_anywhere_is_read_as_far_as_it_goes()
    {
        foreach (var whole in new[] { Echo, Datagram, Advertisement }.Select(Convert.FromHexString))
        {
            for (var length = 14; length <= whole.Length; length++)
            {
                Assert.Equal(MacA, ParsedFrame.Parse(whole.AsSpan(0, length)).Source);
            }
        }

        Assert.Equal(13, Assert.Throws<WireFormatException>(() => ParsedFrame.Parse(new byte[13])).Offset);
    }

    [Fact]
    public void Random_bytes_behind_any_known_type_are_read() =>
        Gen.Select(Gen.OneOf(Gen.Const(EtherType.IPv4), Gen.Const(EtherType.IPv6), Gen.Const(EtherType.Arp), Gen.Const(EtherType.Vlan)), Gen.Byte.Array[0, 100])
            .Sample((type, body) => ParsedFrame.Parse(Frames.Ethernet(MacA, MacB, type, body)).Source.Length == 6);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
