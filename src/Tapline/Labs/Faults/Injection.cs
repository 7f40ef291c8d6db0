using System.Text.Json.Nodes;

namespace Tapline.Labs.Faults;

/// <summary>A fault as it was put into a lab: with the names of that lab in its commands.</summary>
internal sealed record Injection(string Id, string Title, string Instance, string Inject, string Undo, bool IsInCloud)
{
    public static Injection Of(Fault fault, FaultSite site) =>
        new(fault.Id, fault.Title, site.Instance ?? "", site.Fill(fault.Inject), site.Fill(fault.Undo), fault.IsInCloud);

    public static Injection FromJson(JsonNode json) =>
        new((string)json["id"]!, (string)json["title"]!, (string)json["instance"]!, (string)json["inject"]!, (string)json["undo"]!, (bool)json["in_cloud"]!);

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["title"] = Title,
        ["instance"] = Instance,
        ["inject"] = Inject,
        ["undo"] = Undo,
        ["in_cloud"] = IsInCloud,
    };
}
