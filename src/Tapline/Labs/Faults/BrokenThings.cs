using System.Text.Json.Nodes;

namespace Tapline.Labs.Faults;

/// <summary>What is broken in a lab now, in a file of the lab's directory: it goes with the lab.</summary>
internal static class BrokenThings
{
    public static IReadOnlyList<Injection> Read(LabEntry lab) =>
        File.Exists(FileOf(lab)) ? [.. JsonNode.Parse(File.ReadAllText(FileOf(lab)))!.AsArray().Select(item => Injection.FromJson(item!))] : [];

    public static void Write(LabEntry lab, IEnumerable<Injection> broken) =>
        File.WriteAllText(FileOf(lab), new JsonArray([.. broken.Select(item => (JsonNode)item.ToJson())]).ToJsonString());

    private static string FileOf(LabEntry lab) => Path.Combine(LabPaths.Of(lab.Name).Directory, "broken.json");
}
