using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>tc's classifiers, as far as their text tells what they take out of the way.</summary>
internal static class TrafficFilters
{
    private static readonly string[] Taking = ["action drop", "action order 1: gact action drop", "gact action drop", "mirred (Egress Redirect", "mirred (Ingress Redirect", "action stolen", "gact action shot"];

    public static Truth Takes(ObservedQdisc filter, Packet packet)
    {
        if (!Taking.Any(word => filter.Text.Contains(word, StringComparison.Ordinal)))
        {
            return filter.Kind == "bpf" ? Truth.Unknown : Truth.No;
        }

        return Protocol(filter, packet).And(filter.Kind == "matchall" ? Truth.Yes : U32(filter));
    }

    private static Truth Protocol(ObservedQdisc filter, Packet packet)
    {
        var at = filter.Text.IndexOf("protocol ", StringComparison.Ordinal);
        var word = at < 0 ? "all" : filter.Text[(at + 9)..].Split(' ', 2)[0];
        return word switch
        {
            "all" => Truth.Yes,
            "ip" => Truths.Of(packet.EtherType == Packet.EtherIpv4),
            "ipv6" => Truths.Of(packet.EtherType == Packet.EtherIpv6),
            "arp" => Truths.Of(packet.IsArp),
            _ => Truth.Unknown,
        };
    }

    /// <summary><c>match 00000000/00000000</c> takes all.</summary>
    private static Truth U32(ObservedQdisc filter) =>
        filter.Kind == "u32" && filter.Text.Contains("match 00000000/00000000", StringComparison.Ordinal) ? Truth.Yes : Truth.Unknown;
}
