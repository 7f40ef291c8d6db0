using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>Tracked connections of the calling thread's namespace, as many as the scope takes.</summary>
internal static class ConnectionReading
{
    private static readonly string[] Count = ["net/netfilter/nf_conntrack_count"];

    public static ValueList<ObservedConnection> Read(string ns, int limit, KernelModules modules, Unread unread)
    {
        var count = Sysctl.ReadManyHere(Count).Values.FirstOrDefault() ?? "0";
        if (limit == 0 || count == "0")
        {
            return [];
        }

        if (!modules.IsThere("nfnetlink") || !modules.IsThere("nf_conntrack_netlink"))
        {
            unread.Add($"connections{(ns.Length == 0 ? "" : $" in {ns}")}: the kernel's module nf_conntrack_netlink is not loaded");
            return [];
        }

        using var socket = ConntrackSocket.Open();
        var (entries, hasMore) = socket.DumpAtMost(limit);
        if (hasMore)
        {
            unread.Add($"connections{(ns.Length == 0 ? "" : $" in {ns}")}: the first {limit} of {count}");
        }

        return entries.Select(Of).ToValueList();
    }

    private static ObservedConnection Of(ConntrackEntry entry) => new()
    {
        Zone = entry.Zone,
        Protocol = entry.Original.Protocol,
        Original = Tuple(entry.Original),
        Reply = Tuple(entry.Reply),
        Mark = entry.Mark,
        Status = (uint)entry.Status,
        TimeoutSeconds = entry.TimeoutSeconds,
    };

    private static FlowTuple Tuple(ConntrackTuple tuple) => new(
        IpAddress.From(tuple.Source), IpAddress.From(tuple.Destination),
        tuple.IcmpId ?? tuple.SourcePort ?? 0,
        tuple.IcmpType is { } type ? (type * 256) + (tuple.IcmpCode ?? 0) : tuple.DestinationPort ?? 0);
}
