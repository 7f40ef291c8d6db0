using System.Text;
using System.Text.Json.Nodes;
using Tapline.Commands;

namespace Tapline.Demo;

/// <summary>The walks as a table: one sees where an address is rewritten and where it is undone.</summary>
internal static class DemoText
{
    public static string Walks(JsonObject result, bool color)
    {
        var text = new StringBuilder();
        foreach (var (way, title) in new[] { ("out", "web pings the outside"), ("in", "the outside pings web's floating IP") })
        {
            foreach (var leg in new[] { "request", "reply" })
            {
                if (result["walk"]?[way]?[leg] is JsonArray hops)
                {
                    text.AppendLine($"\n{title}: the {leg}").AppendLine(Table(hops, color));
                }
            }
        }

        return text.ToString();
    }

    private static string Table(JsonArray array, bool color)
    {
        var hops = array.Select(node => Hop.FromJson(node!)).ToList();
        var rows = hops.Select((hop, index) => new[]
        {
            $"  {hop.Device}", hop.Kind, Short(hop.Namespace), Changed(hop.Source, index > 0 ? hops[index - 1].Source : hop.Source, color),
            Changed(hop.Destination, index > 0 ? hops[index - 1].Destination : hop.Destination, color), hop.Vlan?.ToString() ?? "", hop.SeenBy,
        });
        return Output.Table(["  DEVICE", "KIND", "NAMESPACE", "FROM", "TO", "VLAN", "SEEN BY"], rows);
    }

    private static string Short(string ns) => ns.Length > 17 ? ns[..16] + "…" : ns;

    private static string Changed(string now, string before, bool color) =>
        now == before ? $" {now}" : color ? $"\e[1;33m*{now}\e[0m" : $"*{now}";
}
