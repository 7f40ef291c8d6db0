using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Connections that were let in once go on although nothing new is: they hide a change from whoever tries with the old one.</summary>
internal static class StaleConnections
{
    private const uint SeenReply = 2; // IPS_SEEN_REPLY of linux/netfilter/nf_conntrack_common.h
    private const int Acknowledges = 16;

    /// <summary>A packet of a connection that was answered where the fault is; null where there is none. Whether it still passes, its trace tells.</summary>
    public static Packet? Probe(World world, Fault fault, Inquiry inquiry, IpAddress from, IpAddress to) =>
        Going(world, fault, inquiry, from, to) is not [{ Original: var one }, ..] ? null
        : inquiry.Probe(from, to) with { SourcePort = one.SourcePort, TcpFlags = inquiry.Protocol == "tcp" ? Acknowledges : 0 };

    /// <summary>Of a fault that spares those connections; null where none is there.</summary>
    public static Fault? Beside(World world, Fault fault, Inquiry inquiry, IpAddress from, IpAddress to)
    {
        var going = Going(world, fault, inquiry, from, to);
        if (going.Count == 0 || world.FindNamespace(fault.Namespace) is not { } ns)
        {
            return null;
        }

        var one = going[0];
        var tool = $"conntrack -D -p {inquiry.Protocol} -s {one.Original.Source} -d {one.Original.Destination}{(one.Zone == 0 ? "" : $" -w {LinkStep.Number(one.Zone)}")}";
        return new Fault
        {
            Code = "conntrack.stale",
            Namespace = ns.Name,
            Device = fault.Device,
            Summary = $"{(going.Count == 1 ? "a connection" : $"{LinkStep.Number(going.Count)} connections")} from {from} to {to} that {(going.Count == 1 ? "was let through before goes" : "were let through before go")} on: a ping that runs already is answered, a new one is not",
            Evidence = [.. going.Take(3).Select(Words)],
            Fix = LinkFaults.Host(ns.Name, tool, "ends them, so that all see the rules as they are; Neutron and Tapline do so when a rule is removed"),
        };
    }

    private static List<ObservedConnection> Going(World world, Fault fault, Inquiry inquiry, IpAddress from, IpAddress to)
    {
        var far = world.Seen.Namespaces.Where(other => other.Name.StartsWith("qrouter-", StringComparison.Ordinal)).Select(other => FloatingIps.FixedOf(world, other.Name, to)).FirstOrDefault(found => found is not null) ?? to;
        return [.. (world.FindNamespace(fault.Namespace)?.Connections ?? []).Where(item => item.Protocol == inquiry.Probe(from, to).Protocol && (item.Status & SeenReply) != 0
            && item.Original.Source == from && (item.Original.Destination == to || item.Original.Destination == far)
            && (inquiry.Port is null || item.Original.DestinationPort == inquiry.Port))];
    }

    private static string Words(ObservedConnection connection) =>
        $"conntrack: {connection.Original.Source} → {connection.Original.Destination}, zone {LinkStep.Number(connection.Zone)}, answered, {connection.TimeoutSeconds} s to live";
}
