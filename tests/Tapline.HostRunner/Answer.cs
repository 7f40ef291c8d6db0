using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tapline.HostRunner;

/// <summary>What became of an order.</summary>
public sealed record Answer
{
    /// <summary>The changes that were made, in order.</summary>
    public required IReadOnlyList<string> Changes { get; init; }

    /// <summary>What the host refused, and why.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>Whether it stopped before the end, as it was told to.</summary>
    public required bool Stopped { get; init; }

    /// <summary>What is between the host, seen by one who knows nothing of it, and the plan then made; empty where it stopped.</summary>
    public required IReadOnlyList<string> Left { get; init; }

    /// <summary>What is between the host as the agent remembers it and the plan.</summary>
    public required IReadOnlyList<string> LeftAsRemembered { get; init; }

    public static Answer Parse(string line) => JsonSerializer.Deserialize(line, AnswerJson.Default.Answer)!;

    public string ToJson() => JsonSerializer.Serialize(this, AnswerJson.Default.Answer);
}

[JsonSerializable(typeof(Answer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
