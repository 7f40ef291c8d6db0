using System.Net;
using Tapline.Core.Primitives;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Labs;

/// <summary>What an instance may not send never leaves its qbr: raw frames go in at eth0, and are looked for on qvo.</summary>
[Collection(LabCollection.Name)]
public sealed class SpoofingTests(LabFixture lab)
{
    private static readonly byte[] Other = [2, 0, 0, 0, 0, 9];
    private static readonly byte[] Broadcast = [255, 255, 255, 255, 255, 255];
    private static readonly IPAddress Router = IPAddress.Parse("192.168.1.1");
    private static readonly IPAddress Stranger = IPAddress.Parse("192.168.1.99");

    [Fact]
    public async Task Only_frames_with_the_ports_own_addresses_leave_an_instance()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var guest = await tenant.StartAsync("192.168.1.5");
        var (mac, ip) = (MacAddress.Parse(guest.Mac).ToBytes(), IPAddress.Parse(guest.Address));
        var honest = Frames.Udp(new(mac, Broadcast, ip, Router), 4000, 4001, "honest"u8);
        (string Name, byte[] Frame)[] forged =
        [
            ("a stranger's IP", Frames.Udp(new(mac, Broadcast, Stranger, Router), 4000, 4001, "x"u8)),
            ("a stranger's MAC", Frames.Udp(new(Other, Broadcast, ip, Router), 4000, 4001, "x"u8)),
            ("an ARP answer for the gateway", Frames.Arp(new(ArpFields.Reply, mac, Router, Broadcast, ip), Broadcast)),
            ("a gratuitous ARP request for the gateway", Frames.GratuitousArpRequest(mac, Router)),
            ("an ARP request with a stranger's MAC inside", Frames.Ethernet(Broadcast, mac, EtherType.Arp, Frames.ArpRequest(Other, ip, Router).AsSpan(14))),
            ("a DHCP server's answer", Frames.Udp(new(mac, Broadcast, ip, IPAddress.Broadcast), 67, 68, new byte[300])),
            ("a DHCP server's answer without address", Frames.Udp(new(mac, Broadcast, IPAddress.Any, IPAddress.Broadcast), 67, 68, new byte[300])),
            ("a tagged frame", Frames.Tagged(honest, 5)),
            ("a frame tagged with VLAN 0", Frames.Tagged(honest, 0)),
            ("a frame tagged twice", Frames.Tagged(Frames.Tagged(honest, 5), 0)),
            ("an unknown protocol", Frames.Ethernet(Broadcast, mac, 0x88b5, new byte[50])),
        ];
        using var inside = lab.OpenNamespace(guest.Namespace);
        using var socket = PacketSocket.Open(inside, "eth0", promiscuous: false);
        await using var watch = FrameWatch.On(lab, "", guest.Qvo);

        foreach (var (_, frame) in forged)
        {
            socket.Send(frame);
        }

        socket.Send(Frames.ArpRequest(mac, ip, Router));
        var seen = await watch.FramesAsync();
        Assert.Contains(seen, frame => frame.AsSpan().SequenceEqual(Frames.ArpRequest(mac, ip, Router)));
        Assert.Empty(forged.Where(item => seen.Any(frame => frame.AsSpan().SequenceEqual(item.Frame))).Select(item => item.Name));
        Assert.DoesNotContain(seen, frame => ParsedFrame.Parse(frame).Source.AsSpan().SequenceEqual(Other));
    }
}
