using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Whether a host is fit to carry instances, by what was observed of it alone.</summary>
public static class HostFitness
{
    /// <summary>All findings, those that are well included, in the order of the packet's needs: kernel, rules, switch, NICs, limits.</summary>
    public static IReadOnlyList<HostFinding> Of(Observation seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return
        [
            .. MachineChecks.Rights(seen),
            .. KernelChecks.Of(seen),
            .. BridgeFilterChecks.Of(seen),
            .. ForwardingChecks.Of(seen),
            .. FirewallChecks.Of(seen),
            .. SwitchChecks.Of(seen),
            .. NicChecks.Of(seen),
            .. LimitChecks.Of(seen),
            .. MachineChecks.Of(seen),
        ];
    }

    /// <summary>What makes it unfit before what could not be read, that before what waits to bite.</summary>
    public static FindingLevel Worst(IEnumerable<HostFinding> findings)
    {
        var levels = findings.Select(finding => finding.Level).ToHashSet();
        FindingLevel[] order = [FindingLevel.Bad, FindingLevel.Unknown, FindingLevel.Warning];
        return order.Where(levels.Contains).Append(FindingLevel.Ok).First();
    }

    internal static string? Fact(Observation seen, string name) => seen.Facts.FirstOrDefault(fact => fact.Name == name)?.Value;

    internal static long? Number(Observation seen, string name) => long.TryParse(Fact(seen, name), out var number) ? number : null;

    internal static Fix OnHost(string explanation, params ReadOnlySpan<string> commands) => new(FixPlace.Host, [.. commands], explanation);
}
