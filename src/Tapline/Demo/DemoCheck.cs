using System.Text.Json.Nodes;

namespace Tapline.Demo;

/// <summary>One thing that the demo proves.</summary>
internal sealed record DemoCheck(string Name, bool Ok, long Milliseconds, string Said)
{
    public JsonObject ToJson() => new() { ["name"] = Name, ["ok"] = Ok, ["ms"] = Milliseconds };
}
