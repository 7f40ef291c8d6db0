using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Netfilter;

internal static class RulesetReader
{
    public static Ruleset Read(ObservedNamespace ns) => ns.Links.IsEmpty ? Ruleset.Empty : Ruleset.Empty;
}

internal static class HookRun
{
    public static FilterResult Run(Ruleset rules, FilterContext context) => new() { Fate = FilterFate.Accept, Packet = context.Packet, Connections = context.Connections };
}
