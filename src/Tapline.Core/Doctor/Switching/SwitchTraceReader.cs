using System.Globalization;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Reads what <c>ovs-appctl ofproto/trace --names</c> prints into the same result that <see cref="SwitchRun"/> works out by itself.</summary>
public static class SwitchTraceReader
{
    private const string Final = "Final flow:";
    private const string Datapath = "Datapath actions:";

    /// <summary>The result of a trace with <c>--names</c>.</summary>
    /// <param name="trace">As printed.</param>
    /// <param name="seen">Gives ports their bridges, and flows their full text.</param>
    /// <param name="bridge">Where the frame was sent into.</param>
    /// <param name="inPort">By which port.</param>
    /// <param name="packet">The frame.</param>
    public static SwitchResult Read(string trace, ObservedSwitch seen, string bridge, string inPort, Packet packet) =>
        Read(trace, seen, bridge, inPort, packet, "");

    /// <summary>The same of a trace without <c>--names</c>: <paramref name="datapathPorts"/> is what <c>ovs-appctl dpif/show</c> prints.</summary>
    public static SwitchResult Read(string trace, ObservedSwitch seen, string bridge, string inPort, Packet packet, string datapathPorts)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(datapathPorts);
        var steps = new TraceSteps(seen, bridge, inPort);
        var outputs = new List<SwitchOutput>();
        var unknown = (string?)null;
        var inside = false;
        foreach (var line in trace.Split('\n'))
        {
            var text = line.Trim();
            var indent = line.Length - line.TrimStart().Length;
            if (text.After(Datapath) is { } actions)
            {
                var run = new DatapathActions(seen, DatapathPorts.Read(datapathPorts), packet, steps.Flooded);
                run.Do(actions.Trim());
                outputs.AddRange(run.Outputs);
                unknown ??= run.Unknown;
            }
            else if (text.StartsWith("Translation failed", StringComparison.Ordinal))
            {
                outputs.Clear();
                steps.Note(text);
            }
            else if (text.After("bridge(\"") is { } name)
            {
                inside = true;
                steps.Bridge(indent, name.TrimEnd('"', ')'));
            }
            else if (text.StartsWith(Final, StringComparison.Ordinal))
            {
                inside = false;
            }
            else if (inside && text.Length > 0 && !text.All(c => c == '-'))
            {
                steps.Line(indent, text);
            }
        }

        return new SwitchResult { Steps = steps.All, Outputs = outputs.ToValueList(), Unknown = unknown };
    }

    /// <summary>A frame as <c>ofproto/trace</c> takes it; a second tag can not be said there.</summary>
    public static string Question(Packet packet, string inPort)
    {
        ArgumentNullException.ThrowIfNull(packet);
        var parts = new List<string> { $"in_port={FlowText.Quote(inPort)}" };
        parts.Add($"dl_src={packet.EtherSource},dl_dst={packet.EtherDestination}");
        if (packet.Vlan is { } vlan)
        {
            parts.Add($"dl_vlan={vlan}");
        }

        if (packet.Mark != 0)
        {
            parts.Add($"pkt_mark={packet.Mark}");
        }

        parts.Add(packet.IsArp
            ? $"arp,arp_op={packet.ArpOperation},arp_spa={packet.Source},arp_tpa={packet.Destination},arp_sha={packet.ArpSender},arp_tha={packet.ArpTarget}"
            : packet.IsIp ? Ip(packet)
            : string.Create(CultureInfo.InvariantCulture, $"dl_type=0x{packet.EtherType:x4}"));
        return string.Join(',', parts);
    }

    private static string Ip(Packet packet)
    {
        // A trace takes fields of its protocol's own name only: udp_src, not tp_src; icmpv6_type, not icmp_type.
        var kind = packet.Protocol switch { Packet.Tcp => "tcp", Packet.Udp => "udp", FlowFields.Sctp => "sctp", _ => "" };
        var word = (kind.Length > 0, FlowFields.IsIcmp(packet), packet.IsV6) switch
        {
            (true, _, true) => kind + "6",
            (true, _, false) => kind,
            (_, true, true) => "icmp6",
            (_, true, false) => "icmp",
            (_, _, true) => $"ipv6,nw_proto={packet.Protocol}",
            _ => $"ip,nw_proto={packet.Protocol}",
        };
        var addresses = packet.IsV6 ? $"ipv6_src={packet.Source},ipv6_dst={packet.Destination}" : $"nw_src={packet.Source},nw_dst={packet.Destination}";
        var head = $"{word},{addresses},nw_ttl={packet.TimeToLive},nw_tos={packet.Dscp << 2}";
        var icmp = packet.IsV6 ? "icmpv6" : "icmp";
        return FlowFields.IsIcmp(packet) ? $"{head},{icmp}_type={packet.IcmpType},{icmp}_code={packet.IcmpCode}"
            : kind.Length == 0 ? head
            : $"{head},{kind}_src={packet.SourcePort},{kind}_dst={packet.DestinationPort}{(kind == "tcp" ? $",tcp_flags={packet.TcpFlags}" : "")}";
    }
}
