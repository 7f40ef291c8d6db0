using System.Text.Json;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Verdicts in nft's JSON.</summary>
internal static class NftVerdicts
{
    /// <summary>Null for what is none.</summary>
    public static Verdict? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || json.EnumerateObject() is var properties && !properties.MoveNext())
        {
            return null;
        }

        var verdict = properties.Current;
        return verdict.Name switch
        {
            "accept" => new Verdict(VerdictKind.Accept),
            "drop" => new Verdict(VerdictKind.Drop),
            "continue" => new Verdict(VerdictKind.Continue),
            "return" => new Verdict(VerdictKind.Return),
            "jump" => new Verdict(VerdictKind.Jump, verdict.Value.GetProperty("target").GetString()),
            "goto" => new Verdict(VerdictKind.Goto, verdict.Value.GetProperty("target").GetString()),
            "queue" => new Verdict(VerdictKind.Queue),
            _ => null,
        };
    }
}
