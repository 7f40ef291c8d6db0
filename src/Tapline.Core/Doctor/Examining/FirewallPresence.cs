using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Whether the host's firewall says anything about a VIF.</summary>
internal static class FirewallPresence
{
    public static bool Covers(World world, ObservedNamespace host, string tap)
    {
        string[] names = [tap, "qbr" + tap[3..]];
        return world.Rules(host.Name).Tables.Where(table => table.Family is "ip" or "inet").Any(table =>
            table.Chains.Any(chain => chain.Hook is { Point: HookPoint.Forward }) && (
                table.Chains.SelectMany(chain => chain.Rules).Any(rule => Array.Exists(names, name => rule.Text.Contains(name, StringComparison.Ordinal)))
                || table.Sets.SelectMany(set => set.Elements).Any(element => Names(element.Key).Any(name => names.Contains(name)))));
    }

    private static IEnumerable<string> Names(Operand key) => key switch
    {
        Operand.Constant { Value.Name: { } name } => [name],
        Operand.Tuple tuple => tuple.Parts.SelectMany(Names),
        _ => [],
    };
}
