using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Floating IPs as a router's rules know them.</summary>
internal static class FloatingIps
{
    /// <summary>The instance's address whose packets leave with the floating IP; null where no rule says so.</summary>
    public static IpAddress? FixedOf(World world, string ns, IpAddress floating) =>
        world.Rules(ns).Tables.SelectMany(table => table.Chains.SelectMany(chain => chain.Rules).Select(rule => InRule(rule, floating)).Concat(table.Sets.SelectMany(set => InMap(set, floating))))
            .FirstOrDefault(address => address is not null);

    public static string Command(World world, string ns, IpAddress floating, IpAddress inside)
    {
        var found = (from table in world.Rules(ns).Tables
                     from chain in table.Chains
                     where chain.Hook is { Type: "nat", Point: HookPoint.Prerouting } && table.Family is "ip" or "inet"
                     select (Table: table, Chain: chain)).FirstOrDefault();
        return found.Table is { Program: "nft" } nft
            ? $"nft add rule {nft.Family} {nft.Name} {found.Chain.Name} ip daddr {floating} dnat {(nft.Family == "inet" ? "ip " : "")}to {inside}"
            : $"{found.Table?.Program ?? "iptables"} -t nat -A PREROUTING -d {floating}/32 -j DNAT --to-destination {inside}";
    }

    private static IpAddress? InRule(FilterRule rule, IpAddress floating) =>
        rule.Statements.Any(statement => statement is Statement.Translate { Kind: TranslationKind.Source, Address: Operand.Constant { Value: var to } } && to.Number == floating.Bits)
            ? rule.Statements.OfType<Statement.Match>().Where(match => match is { Left: Operand.Field { Name: "ip saddr" } }).Select(match => Address(match.Right)).FirstOrDefault(address => address is not null)
            : null;

    private static IEnumerable<IpAddress?> InMap(FilterSet set, IpAddress floating) =>
        set.Elements.Where(element => element.Value is Operand.Constant { Value: var to } && to.Name is null && to.Number == floating.Bits).Select(element => Address(element.Key));

    private static IpAddress? Address(Operand operand) => operand switch
    {
        Operand.Constant { Value: { Name: null, Number: var number } } when number <= uint.MaxValue => new IpAddress(number, IsV6: false),
        Operand.Range { Low: var low, High: var high } when low == high && low.Number <= uint.MaxValue => new IpAddress(low.Number, IsV6: false),
        _ => null,
    };
}
