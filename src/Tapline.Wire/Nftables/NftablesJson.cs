using System.Text.Json.Nodes;

namespace Tapline.Wire.Nftables;

/// <summary>What nft before 1.0.7 knows and leaves out of its JSON, put in as later ones print it.</summary>
public static class NftablesJson
{
    /// <summary>
    /// As <c>list ruleset</c> prints it. A table that sleeps (<c>flags dormant</c>) is shown by its name alone: nft 1.0.6 prints for its
    /// flags whatever its memory holds there, at times no JSON at all.
    /// </summary>
    /// <param name="tables">All of the namespace, in its order.</param>
    /// <param name="list">What nft prints for a command, in JSON.</param>
    public static string Ruleset(IReadOnlyList<NftablesTable> tables, Func<string, string> list)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(list);
        if (!tables.Any(table => table.IsDormant))
        {
            return list("list ruleset");
        }

        var items = tables.SelectMany(table => table.IsDormant
            ? [new JsonObject { ["table"] = new JsonObject { ["family"] = table.Family, ["name"] = table.Name, ["flags"] = new JsonArray("dormant") } }]
            : JsonNode.Parse(list($"list table {table.Family} {table.Name}"))!["nftables"]!.AsArray().Where(item => item!["metainfo"] is null).Select(item => item!.DeepClone()));
        return new JsonObject { ["nftables"] = new JsonArray([.. items]) }.ToJsonString();
    }

    /// <summary>With the devices of chains at ingress and egress.</summary>
    /// <param name="json">Of <c>list ruleset</c>.</param>
    /// <param name="chains">All of the namespace that hang on devices.</param>
    public static string WithDevices(string json, IReadOnlyList<NftablesDeviceChain> chains)
    {
        if (chains.Count == 0)
        {
            return json;
        }

        var root = JsonNode.Parse(json)!;
        foreach (var item in root["nftables"]!.AsArray())
        {
            if (item!["chain"] is JsonObject chain
                && chains.FirstOrDefault(one => one.Family == (string?)chain["family"] && one.Table == (string?)chain["table"] && one.Name == (string?)chain["name"]) is { } hung)
            {
                chain.TryAdd("dev", new JsonArray([.. hung.Devices.Select(device => (JsonNode)device)]));
            }
        }

        return root.ToJsonString();
    }
}
