using System.Text.Encodings.Web;
using System.Text.Json;
using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>The file of <c>tapline observe</c>: snake_case, nulls left out, one line. What is never in it: docs/observe.md.</summary>
public static class ObservationJson
{
    /// <summary>What a file may have: one of a large host can still be sent by mail.</summary>
    public const int LargestFile = 32 * 1024 * 1024;

    // Text of rules is full of quotes and angle brackets, and nobody puts the file into a page unescaped.
    private static readonly ObservationContext Readable = new(
        new JsonSerializerOptions(ObservationContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>
    /// The JSON in UTF-8, of <paramref name="largest"/> bytes at most: where it would be more, connections are left out first, then what
    /// processes have for files, then what was learned; each time a line in <see cref="Observation.Unread"/> says so.
    /// </summary>
    public static byte[] Write(Observation observation, int largest = LargestFile)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(observation, Readable.Observation);
        foreach (var cut in Cuts)
        {
            if (bytes.Length <= largest)
            {
                break;
            }

            observation = cut(observation);
            bytes = JsonSerializer.SerializeToUtf8Bytes(observation, Readable.Observation);
        }

        return bytes;
    }

    /// <summary>The observation of a file; anything else is a <see cref="JsonException"/> that says what is wrong.</summary>
    public static Observation Read(ReadOnlySpan<byte> json)
    {
        var observation = JsonSerializer.Deserialize(json, Readable.Observation) ?? throw new JsonException("null is no observation");
        return observation.Schema == Observation.CurrentSchema
            ? observation
            : throw new JsonException($"the file has schema {observation.Schema}, this program reads schema {Observation.CurrentSchema}");
    }

    private static readonly Func<Observation, Observation>[] Cuts =
    [
        observation => WithoutConnections(observation, 1000),
        observation => WithoutConnections(observation, 0),
        observation => observation with
        {
            Processes = observation.Processes.Select(process => process with { Files = [] }).ToValueList(),
            Unread = [.. observation.Unread, "files of processes: left out, the file would be too large"],
        },
        observation => observation with
        {
            Namespaces = observation.Namespaces.Select(ns => ns with { Neighbours = [], Fdb = [], Counters = [], IsPartial = true }).ToValueList(),
            Unread = [.. observation.Unread, "neighbours, forwarding entries and counters: left out, the file would be too large"],
        },
    ];

    private static Observation WithoutConnections(Observation observation, int keep)
    {
        var left = observation.Namespaces.Sum(ns => Math.Max(0, ns.Connections.Count - keep));
        return left == 0 ? observation : observation with
        {
            Namespaces = observation.Namespaces
                .Select(ns => ns.Connections.Count > keep ? ns with { Connections = ns.Connections.Take(keep).ToValueList() } : ns).ToValueList(),
            Unread = [.. observation.Unread, $"connections: {left} left out, the file would be too large"],
        };
    }
}
