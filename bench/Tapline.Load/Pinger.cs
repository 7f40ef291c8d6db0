using System.Diagnostics;
using System.Net;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Packets;

namespace Tapline.Load;

/// <summary>Asks every millisecond, by raw frames: the kernel's own ping would wait a second between two, and its ARP as well.</summary>
internal sealed class Pinger(NetNamespace ns, string device, byte[] mac, IPAddress address, IPAddress nextHop, IPAddress target) : IDisposable
{
    private const ushort Id = 0x7a70;
    private const byte EchoReply = 0;
    private readonly PacketSocket _socket = PacketSocket.Open(ns, device, promiscuous: false);
    private byte[]? _nextHopMac;
    private ushort _sequence;

    /// <summary>Forgets the neighbour, as a guest that has just started knows none.</summary>
    public void Forget() => _nextHopMac = null;

    /// <summary>Returns as soon as a request sent from now on is answered; the answer's time is in Stopwatch ticks.</summary>
    public long UntilAnswered(TimeSpan limit, Action? began = null)
    {
        var first = ++_sequence;
        began?.Invoke();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < limit)
        {
            Ask();
            var asked = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(asked).TotalMilliseconds < 1)
            {
                if (_socket.Receive(1) is { IsOutgoing: false } frame && IsAnswer(ParsedFrame.Parse(frame.Bytes), first))
                {
                    return Stopwatch.GetTimestamp();
                }
            }
        }

        throw new LoadException($"{target} did not answer {address} within {limit.TotalSeconds} s");
    }

    /// <summary>Returns when nothing has been answered for a while.</summary>
    public void UntilSilent(TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < limit)
        {
            try
            {
                UntilAnswered(TimeSpan.FromMilliseconds(300));
            }
            catch (LoadException)
            {
                return;
            }

            Thread.Sleep(10);
        }

        throw new LoadException($"{target} still answers {address}");
    }

    public void Dispose() => _socket.Dispose();

    private void Ask()
    {
        try
        {
            _socket.Send(_nextHopMac is { } known
                ? Frames.IcmpEchoRequest(new FrameAddresses(mac, known, address, target), Id, ++_sequence, new byte[32])
                : Frames.ArpRequest(mac, address, nextHop));
        }
        catch (System.Net.Sockets.SocketException)
        {
            Thread.Sleep(1); // The device is not up yet.
        }
    }

    private bool IsAnswer(ParsedFrame frame, ushort first)
    {
        if (_nextHopMac is null && frame.Arp is { Operation: ArpFields.Reply } arp && arp.SenderIp.Equals(nextHop))
        {
            _nextHopMac = arp.SenderMac;
            Ask();
        }

        return frame.IcmpType == EchoReply && frame.IcmpId == Id && frame.IcmpSequence > first && target.Equals(frame.SourceIp);
    }
}
