using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>
/// Whether the kernel tracks connections at all: only while some rule of the family asks for them, wherever it stands. A nat chain alone
/// does not (only its translations do), and is then never called.
/// </summary>
internal static class ConntrackUse
{
    private static readonly ConditionalWeakTable<Ruleset, ConcurrentDictionary<string, bool>> Known = []; // each packet asks for it at each hook

    public static bool Of(Ruleset ruleset, string family) => Known.GetOrCreateValue(ruleset).GetOrAdd(family, _ => IsAskedFor(ruleset, family));

    private static bool IsAskedFor(Ruleset ruleset, string family) => ruleset.Tables
        .Where(table => table.Family == family || table.Family is "inet" or "bridge")
        .SelectMany(table => table.Chains).SelectMany(chain => chain.Rules).SelectMany(rule => rule.Statements)
        .Any(Asks);

    private static bool Asks(Statement statement) => statement switch
    {
        Statement.Translate => true,
        Statement.Match match => Asks(match.Left) || Asks(match.Right),
        Statement.Dispatch dispatch => Asks(dispatch.Key),
        Statement.Assign assign => IsOfConnections(assign.Field) || Asks(assign.Value),
        Statement.Passive passive => IsOfConnections(passive.Text),
        _ => false,
    };

    private static bool Asks(Operand operand) => operand switch
    {
        Operand.Field field => IsOfConnections(field.Name),
        Operand.Bits bits => Asks(bits.Left) || Asks(bits.Right),
        Operand.Tuple tuple => tuple.Parts.Any(Asks),
        Operand.Lookup lookup => Asks(lookup.Key),
        Operand.Unreadable unreadable => IsOfConnections(unreadable.Text),
        _ => false,
    };

    private static bool IsOfConnections(string text) =>
        text.StartsWith("ct ", StringComparison.Ordinal) || text.StartsWith("-m conn", StringComparison.Ordinal) || text.StartsWith("-m helper", StringComparison.Ordinal);
}
