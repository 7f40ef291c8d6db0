using System.Net;
using System.Net.Sockets;
using Tapline.Core.Doctor.Living;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>Sends by a namespace's own stack: its routes, its rules, its neighbours; and hears what comes through them.</summary>
internal sealed class StackSender : IDisposable
{
    private const int EthernetLength = 14;

    private readonly ProbePackets _packets;
    private readonly IPAddress _to;
    private readonly Socket _out;
    private readonly Socket[] _in;

    public StackSender(NetNamespace ns, ProbePlan plan, ProbePackets packets)
    {
        (_packets, _to) = (packets, plan.To.ToIPAddress());
        ProtocolType[] heard = plan.Protocol == "tcp" ? [ProtocolType.Icmp, ProtocolType.Tcp] : plan.Protocol == "udp" ? [ProtocolType.Icmp, ProtocolType.Udp] : [ProtocolType.Icmp];
        (_out, _in) = ns.Run(() => (Raw(ProtocolType.Raw), heard.Select(Raw).ToArray()));
        try
        {
            _out.Bind(new IPEndPoint(plan.From.ToIPAddress(), 0)); // for rules that ask for the source
        }
        catch (SocketException)
        {
            // It has not got the address; it may send from it all the same.
        }
    }

    /// <summary>Null where it went out, else what the stack said.</summary>
    public string? Send(int sequence)
    {
        try
        {
            _out.SendTo(_packets.Frame(sequence, new byte[6], new byte[6]).AsSpan(EthernetLength), new IPEndPoint(_to, 0));
            return null;
        }
        catch (SocketException error)
        {
            return $"the sender's own stack refused to send: {error.Message}";
        }
    }

    /// <summary>The numbers of what has been answered and was let in, that wait to be read.</summary>
    public IEnumerable<int> Heard()
    {
        var buffer = new byte[2048];
        foreach (var socket in _in)
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                var length = socket.Receive(buffer);
                var frame = Frames.Ethernet(new byte[6], new byte[6], EtherType.IPv4, buffer.AsSpan(0, length));
                if (_packets.Recognise(frame, ParsedFrame.Parse(frame)) is { Leg: Leg.Reply or Leg.Refusal, Sequence: var sequence })
                {
                    yield return sequence;
                }
            }
        }
    }

    public void Dispose()
    {
        _out.Dispose();
        Array.ForEach(_in, socket => socket.Dispose());
    }

    private static Socket Raw(ProtocolType protocol) => new(AddressFamily.InterNetwork, SocketType.Raw, protocol);
}
