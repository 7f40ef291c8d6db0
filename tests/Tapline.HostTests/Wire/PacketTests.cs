using System.Net;
using System.Net.Sockets;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Wire;

public sealed class PacketTests : IDisposable
{
    private static readonly byte[] MacA = [2, 0, 0, 0, 0, 0xa];
    private static readonly byte[] MacB = [2, 0, 0, 0, 0, 0xb];
    private static readonly byte[] Stranger = [2, 0, 0, 0, 0, 0xc];
    private static readonly IPAddress IpA = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress IpB = IPAddress.Parse("192.0.2.2");

    private readonly ScratchNamespace _scratch = new();
    private readonly RouteSocket _route;

    public PacketTests()
    {
        _route = RouteSocket.Open(_scratch.Namespace);
        _route.AddVeth("a", "b", null, MacA, MacB, 1500, 1500);
        _route.SetLink("a", new LinkChange { Up = true });
        _route.SetLink("b", new LinkChange { Up = true });

        // The kernel opens a veth's queue from a worker, later: until its state is "up" what is sent is dropped in silence.
        Assert.True(SpinWait.SpinUntil(IsOperational, TimeSpan.FromSeconds(10)), "the veth pair did not come up");
    }

    public void Dispose()
    {
        _route.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_frame_is_seen_out_on_one_end_and_in_on_the_other()
    {
        using var a = PacketSocket.Open(_scratch.Namespace, "a", promiscuous: false);
        using var a2 = PacketSocket.Open(_scratch.Namespace, "a", promiscuous: false);
        using var b = PacketSocket.Open(_scratch.Namespace, "b", promiscuous: false);
        var frame = Frames.GratuitousArpReply(MacA, IpA);
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);

        a.Send(frame);

        var sent = Next(a2, IsTest);
        var came = Next(b, IsTest);
        Assert.Equal(frame, came.Bytes);
        Assert.True(sent.IsOutgoing);
        Assert.False(came.IsOutgoing);
        Assert.InRange(came.Timestamp, before, DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(frame.Length, came.OriginalLength);
    }

    [Fact]
    public void A_vlan_tag_that_the_kernel_took_out_is_put_back()
    {
        using var a = PacketSocket.Open(_scratch.Namespace, "a", promiscuous: false);
        using var b = PacketSocket.Open(_scratch.Namespace, "b", promiscuous: false);
        var frame = Frames.Tagged(Frames.GratuitousArpRequest(MacA, IpA), 42);

        a.Send(frame);

        var came = Next(b, IsTest);
        Assert.Equal(frame, came.Bytes);
        Assert.Equal(42, ParsedFrame.Parse(came.Bytes).Vlan ?? 0);
    }

    [Fact]
    public async Task Waiting_for_a_frame_takes_no_thread()
    {
        using var a = PacketSocket.Open(_scratch.Namespace, "a", promiscuous: true);
        using var b = PacketSocket.Open(_scratch.Namespace, "b", promiscuous: true);
        var token = TestContext.Current.CancellationToken;
        var frame = Frames.Ethernet(Stranger, MacA, 0x88b5, [1, 2, 3]);
        var received = Task.Run(async () =>
        {
            while (true)
            {
                var next = await b.ReceiveAsync(token);
                if (ParsedFrame.Parse(next.Bytes).EtherType == 0x88b5)
                {
                    return next;
                }
            }
        }, token);

        a.Send(frame);

        Assert.Equal(frame, (await received.WaitAsync(TimeSpan.FromSeconds(10), token)).Bytes);
        a.Send(frame); // an asynchronous receive has made the socket non-blocking; sending and waiting go on
        Assert.NotNull(b.Receive(1000));
    }

    [Fact]
    public void Nothing_within_the_timeout_is_null_and_an_absent_device_is_refused()
    {
        using var lo = PacketSocket.Open(_scratch.Namespace, "lo", promiscuous: false);

        Assert.Null(lo.Receive(20));
        Assert.Contains("absent", Assert.Throws<IOException>(() => PacketSocket.Open(_scratch.Namespace, "absent", false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_answers_a_built_echo_request_over_a_tap()
    {
        using var tap = OpenTap();
        var mac = _route.Link("tap0")?.Mac ?? [];
        _route.SetLink("tap0", new LinkChange { Up = true });
        _route.AddAddress("tap0", IpB, 24);
        tap.Write(Frames.ArpRequest(MacA, IpA, IpB));
        var arp = Until(tap, frame => frame.Arp is { Operation: ArpFields.Reply });
        Assert.Equal(mac, arp.Arp?.SenderMac);

        tap.Write(Frames.IcmpEchoRequest(new(MacA, mac, IpA, IpB), 77, 3, [1, 2, 3, 4, 5]));

        var echo = Until(tap, frame => frame.IcmpType == 0);
        Assert.Equal<(int?, int?)>((77, 3), (echo.IcmpId, echo.IcmpSequence));
        Assert.Equal([1, 2, 3, 4, 5], echo.Payload);
    }

    [Fact]
    public void The_kernel_takes_built_datagrams_and_segments()
    {
        using var tap = OpenTap();
        var mac = _route.Link("tap0")?.Mac ?? [];
        _route.SetLink("tap0", new LinkChange { Up = true });
        _route.AddAddress("tap0", IpB, 24);
        using var server = _scratch.Namespace.Run(() => new UdpClient(new IPEndPoint(IpB, 5000)));
        server.Client.ReceiveTimeout = 5000;

        tap.Write(Frames.Udp(new(MacA, mac, IpA, IpB), 4000, 5000, "hello"u8));

        IPEndPoint? from = null;
        Assert.Equal("hello"u8.ToArray(), server.Receive(ref from));
        Assert.Equal(new IPEndPoint(IpA, 4000), from);

        tap.Write(Frames.Tcp(new(MacA, mac, IpA, IpB), 4001, 9, 100, 0, flags: 2, []));
        tap.Write(Frames.Arp(new(ArpFields.Reply, MacA, IpA, mac, IpB), mac)); // it asks before it answers
        Assert.Equal(20, Until(tap, frame => frame.TcpFlags is not null).TcpFlags ?? 0); // RST, ACK
    }

    private bool IsOperational()
    {
        Thread.Sleep(1);
        return _route.Link("a")?.OperationalState == OperationalState.Up && _route.Link("b")?.OperationalState == OperationalState.Up;
    }

    private static bool IsTest(ParsedFrame frame) => frame.Arp is not null;

    private static CapturedFrame Next(PacketSocket socket, Func<ParsedFrame, bool> wanted)
    {
        while (true)
        {
            var frame = socket.Receive(5000);
            Assert.NotNull(frame);
            if (wanted(ParsedFrame.Parse(frame.Bytes)))
            {
                return frame;
            }
        }
    }

    private static ParsedFrame Until(TapDevice tap, Func<ParsedFrame, bool> wanted)
    {
        while (true)
        {
            var frame = tap.Read(5000);
            Assert.NotNull(frame);
            if (ParsedFrame.Parse(frame) is var parsed && wanted(parsed))
            {
                return parsed;
            }
        }
    }

    private TapDevice OpenTap()
    {
        try
        {
            return TapDevice.Open(_scratch.Namespace, "tap0");
        }
        catch (IOException e)
        {
            Assert.Skip($"no TAP device can be opened here: {e.Message}");
            throw;
        }
    }
}
