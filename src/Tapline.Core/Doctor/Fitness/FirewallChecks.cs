using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>
/// Whether somebody else's firewall takes bridged packets away. A frame between two VIFs is put to the host's rules, without the cloud's
/// own: what those accept is dropped all the same where another table drops.
/// </summary>
internal static class FirewallChecks
{
    private const string Bridge = "qbr00000000-00";
    private const string Why = "bridged packets of instances pass the host's forward chains; what one of them drops no security group can let in";

    private static readonly Packet Frame = new()
    {
        EtherSource = MacAddress.Parse("fa:16:3e:00:00:01"),
        EtherDestination = MacAddress.Parse("fa:16:3e:00:00:02"),
        EtherType = Packet.EtherIpv4,
        Source = IpAddress.Parse("192.0.2.1"),
        Destination = IpAddress.Parse("192.0.2.2"),
        Protocol = Packet.Icmp,
        IcmpType = 8,
    };

    public static IEnumerable<HostFinding> Of(Observation seen)
    {
        if (seen.Namespace("") is not { IsPartial: false } host)
        {
            yield break;
        }

        yield return Forward(seen, host);
        foreach (var manager in FirewallManagers.At(seen))
        {
            yield return manager;
        }
    }

    private static HostFinding Forward(Observation seen, ObservedNamespace host)
    {
        if (seen.Unread.FirstOrDefault(IsOfRules) is { } unread)
        {
            return Finding(FindingLevel.Unknown, $"not read: {unread}", null);
        }

        var result = HookRun.Run(Others(RulesetReader.Read(host)), new FilterContext
        {
            Packet = Frame,
            Family = "ip",
            Hook = HookPoint.Forward,
            In = Bridge,
            Out = Bridge,
            PhysicalIn = "tap00000000-00",
            PhysicalOut = "qvb00000000-00",
        });
        return (result.Fate, result.Decision) switch
        {
            (FilterFate.Accept, _) => Finding(FindingLevel.Ok, "no rule and no policy at the forward hook drops a bridged packet", null),
            (FilterFate.Unknown, _) => Finding(FindingLevel.Unknown, $"a rule is not understood: {result.Unknown}", null),
            (_, null) => Finding(FindingLevel.Bad, "the forward hook drops bridged packets", null),
            (_, { } step) when IsCloud(step.Table) => Finding(FindingLevel.Ok, $"{step.Place} drops what no rule accepts, after the cloud's chains in it", null),
            (_, { } step) => Finding(FindingLevel.Bad, Told(step), FirewallManagers.Mend(seen, step)),
        };
    }

    private static HostFinding Finding(FindingLevel level, string read, Fix? fix) =>
        new() { Code = "host.forward-drop", Level = level, Subject = "forward rules", Read = read, Why = Why, Fix = fix };

    private static string Told(FilterStep step) => step.Rule is { } rule
        ? $"the rule '{rule.Text}' of {step.Place} drops bridged packets ({step.Table.Program})"
        : $"the policy of {step.Place} is drop, and none of its rules accepts bridged packets ({step.Table.Program})";

    /// <summary>Tapline's tables drop what no port is known for, such as this frame.</summary>
    private static Ruleset Others(Ruleset rules) => new([.. rules.Tables.Where(table => !(table.Program == "nft" && table.Name == "tapline"))]);

    /// <summary>Neutron's agents put their chains first; they know each port by its device.</summary>
    private static bool IsCloud(FilterTable table) => table.Chains.Any(chain => chain.Name.StartsWith("neutron-", StringComparison.Ordinal));

    /// <summary>A line of the host's own namespace: others name theirs.</summary>
    private static bool IsOfRules(string line) =>
        (line.StartsWith("nftables:", StringComparison.Ordinal) || line.StartsWith("iptables", StringComparison.Ordinal)) && !line.Contains(" in ", StringComparison.Ordinal);
}
