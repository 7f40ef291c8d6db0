using Tapline.Core.Model;

namespace Tapline.Core.Rules;

/// <summary>What a rule answers when a request may be carried out: what to tell the user, and what changes.</summary>
public sealed record Outcome<T>(T Value, TopologyChange Change)
{
    /// <summary>The Topology with the change in it, where the rule has made it already; null where only <see cref="Change"/> tells.</summary>
    public Topology? After { get; init; }
}
