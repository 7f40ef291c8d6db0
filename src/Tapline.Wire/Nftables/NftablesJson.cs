using System.Text.Json.Nodes;

namespace Tapline.Wire.Nftables;

/// <summary>What nft before 1.0.7 knows and leaves out of its JSON, put in as later ones print it: a table's "dormant", a chain's devices.</summary>
public static class NftablesJson
{
    /// <param name="json">Of <c>list ruleset</c>.</param>
    /// <param name="tables">All of the namespace.</param>
    /// <param name="chains">All of the namespace that hang on devices.</param>
    public static string Completed(string json, IReadOnlyList<NftablesTable> tables, IReadOnlyList<NftablesDeviceChain> chains)
    {
        var dormant = tables.Where(table => table.IsDormant).ToList();
        if (dormant.Count == 0 && chains.Count == 0)
        {
            return json;
        }

        var root = JsonNode.Parse(json)!;
        foreach (var item in root["nftables"]!.AsArray())
        {
            if (item!["table"] is JsonObject table && dormant.Exists(one => Is(table, one.Family, "name", one.Name)))
            {
                table["flags"] = new JsonArray("dormant"); // 1.0.6 prints the table's name there
            }
            else if (item["chain"] is JsonObject chain && chains.FirstOrDefault(one => Is(chain, one.Family, "table", one.Table) && (string?)chain["name"] == one.Name) is { } hung)
            {
                chain.TryAdd("dev", new JsonArray([.. hung.Devices.Select(device => (JsonNode)device)]));
            }
        }

        return root.ToJsonString();
    }

    private static bool Is(JsonObject item, string family, string key, string name) => (string?)item["family"] == family && (string?)item[key] == name;
}
