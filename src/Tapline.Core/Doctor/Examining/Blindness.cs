using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What could not be read of a host, where it matters: a guess must not be sold as knowledge.</summary>
internal static class Blindness
{
    private static readonly string[] OfSwitch = ["Open vSwitch's database", "Open vSwitch's flows: ovs-ofctl", "flows of ", "groups of "];
    private static readonly string[] OfRules = ["nftables", "iptables", "ip6tables"];

    /// <summary>Null where the fault (or, without one, that it works) rests on what was read.</summary>
    public static string? Of(World world, Fault? fault)
    {
        var needsSwitch = fault is null || Rests(fault, "ovs.", "arp.", "address.", "neighbour.", "frame.");
        var needsRules = fault is null || Rests(fault, "security-group", "firewall.", "router.no-");
        return world.Seen.Unread.FirstOrDefault(line => (needsSwitch && Starts(line, OfSwitch)) || (needsRules && Starts(line, OfRules))) is { } missing
            ? $"it could not be read: {missing}"
            : null;
    }

    private static bool Rests(Fault fault, params ReadOnlySpan<string> codes)
    {
        foreach (var code in codes)
        {
            if (fault.Code.StartsWith(code, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Starts(string line, string[] beginnings) => Array.Exists(beginnings, beginning => line.StartsWith(beginning, StringComparison.Ordinal));
}
