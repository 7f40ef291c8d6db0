using System.Text.Json;
using System.Text.Json.Nodes;
using Tapline.Core.Model;

namespace Tapline.HostRunner;

/// <summary>What a host has to become.</summary>
/// <param name="Slice">The host's part of a cloud.</param>
/// <param name="StopAfter">After how many changes the agent stops and forgets all it knew; null: it goes on to the end.</param>
public sealed record Order(Slice Slice, int? StopAfter = null)
{
    public static Order Parse(string line)
    {
        var json = JsonNode.Parse(line)!.AsObject();
        return new Order(json["slice"].Deserialize(ModelJson.Default.Slice)!, (int?)json["stop_after"]);
    }

    public string ToJson() => new JsonObject
    {
        ["slice"] = JsonSerializer.SerializeToNode(Slice, ModelJson.Default.Slice),
        ["stop_after"] = StopAfter,
    }.ToJsonString();
}
