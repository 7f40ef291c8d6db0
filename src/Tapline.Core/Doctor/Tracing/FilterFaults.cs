using System.Globalization;
using Tapline.Core.Doctor.Netfilter;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Rules that drop, as faults: whose rule, where, and what takes it away.</summary>
internal static class FilterFaults
{
    public static Fault Of(string ns, string device, FilterContext context, FilterResult result)
    {
        var step = result.Decision;
        var what = Packets.Words(context.Packet);
        if (step is null)
        {
            return new Fault { Code = "firewall.drop", Namespace = ns, Device = device, Summary = $"{what} is dropped by the firewall at {device}" };
        }

        string[] passed = [.. result.Passed.Where(item => item.Rule is not null).TakeLast(4).Select(item => $"{item.Place}: {item.Rule!.Text}")];
        var refused = result.Fate == FilterFate.Reject ? "rejected" : "dropped";
        var verdict = new Fault
        {
            Code = step.Rule is null ? "firewall.policy" : "firewall.rule",
            Namespace = ns,
            Device = device,
            Summary = step.Rule is not null
                ? $"{what} is {refused} in {Where(ns)} by {step.Words}"
                : $"{what} is dropped in {Where(ns)}: no rule of {step.Place} accepts it, and the chain's policy is drop ({step.Table.Program})",
            Evidence = [.. passed],
            Fix = Rejoined(ns, device, step) ?? Removal(ns, step, "takes away what drops it; look first whose rule it is and what else it was meant for"),
        };
        return OwnFirewall.Explain(verdict, context, step);
    }

    private static string Where(string ns) => ns.Length == 0 ? "the host" : ns;

    /// <summary>The hook's policy or last rule drops because nothing leads to the port's rules any more: back to them, before anything is opened.</summary>
    private static Fix? Rejoined(string ns, string device, FilterStep step) =>
        ns.Length > 0 || device.Length < 4 || step.Chain.Hook is not { Point: HookPoint.Forward } || (step.Rule is { } rule && rule != step.Chain.Rules[^1])
            || VifRules.Rejoining(step.Table, "tap" + device[3..]) is not { } rejoining
            ? null
            : new Fix(FixPlace.Host, step.Rule is null && step.Table.Name != "tapline" ? [rejoining, Nft(step)] : [rejoining], "leads the hook to the port's rules again, which decide from then on");

    /// <summary>Takes the rule away, or has the policy accept.</summary>
    public static Fix Removal(string ns, FilterStep step, string explanation) =>
        LinkFaults.Host(ns, step.Table.Program == "nft" ? Nft(step) : Iptables(step), explanation);

    private static string Nft(FilterStep step) => step.Rule is { Handle: { } handle }
        ? $"nft delete rule {step.Table.Family} {step.Table.Name} {Commands.Quoted(step.Chain.Name)} handle {handle.ToString(CultureInfo.InvariantCulture)}"
        : $"nft chain {step.Table.Family} {step.Table.Name} {Commands.Quoted(step.Chain.Name)} '{{ policy accept; }}'";

    private static string Iptables(FilterStep step) => step.Rule is { } rule
        ? $"{step.Table.Program} -t {step.Table.Name} -D {step.Chain.Name} {rule.Position.ToString(CultureInfo.InvariantCulture)}"
        : $"{step.Table.Program} -t {step.Table.Name} -P {step.Chain.Name} ACCEPT";
}
