using Tapline.Core.Model;

namespace Tapline.Agent;

/// <summary>What an agent is told at its start.</summary>
public sealed record AgentOptions
{
    public required string HostName { get; init; }

    public required string FeedSocket { get; init; }

    public required HostPaths Paths { get; init; }

    public IReadOnlyList<BridgeMapping> BridgeMappings { get; init; } = [];

    /// <summary>For a switch that is yet to be made: <c>system</c>, <c>netdev</c> or <c>dummy</c>.</summary>
    public required string DatapathType { get; init; }

    /// <summary>Carry out a slice of another store, or of an older revision, than the last one.</summary>
    public bool Adopt { get; init; }
}
