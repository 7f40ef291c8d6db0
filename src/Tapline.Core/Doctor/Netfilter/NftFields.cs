using System.Text.Json;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>The name of what an expression of nft's JSON reads of a packet, as nft prints it.</summary>
internal static class NftFields
{
    /// <summary>Null for what is no field of the packet or its connection.</summary>
    public static string? NameOf(JsonProperty json)
    {
        var inside = json.Value;
        switch (json.Name)
        {
            case "meta":
                return "meta " + Text(inside, "key");
            case "payload" when inside.TryGetProperty("base", out var start):
                return $"@{start.GetString()},{inside.GetProperty("offset").GetInt32()},{inside.GetProperty("len").GetInt32()}";
            case "payload":
                return $"{Text(inside, "protocol")} {Text(inside, "field")}";
            case "ct":
                return inside.TryGetProperty("dir", out var direction) ? $"ct {direction.GetString()} {Text(inside, "key")}" : "ct " + Text(inside, "key");
            case "fib":
                return $"fib {Flags(inside)} {Text(inside, "result")}";
            case "tcp option" or "ip option" or "sctp chunk":
                return $"{json.Name} {Text(inside, "name")} {Text(inside, "field")}".TrimEnd();
            case "exthdr":
                return $"exthdr {Text(inside, "name")} {Text(inside, "field")}".TrimEnd();
            case "rt" when inside.TryGetProperty("family", out var family):
                return $"rt {family.GetString()} {Text(inside, "key")}";
            case "socket" or "rt":
                return $"{json.Name} {Text(inside, "key")}";
            default:
                return null;
        }
    }

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static string Flags(JsonElement fib) => !fib.TryGetProperty("flags", out var flags) ? ""
        : flags.ValueKind == JsonValueKind.Array ? string.Join(" . ", flags.EnumerateArray().Select(flag => flag.GetString()))
        : flags.GetString() ?? "";
}
