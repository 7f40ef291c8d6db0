using System.Collections.Immutable;

namespace Tapline.Core.Model;

/// <summary>What one request does to a Topology: resources put and removed together, or not at all.</summary>
public sealed record TopologyChange
{
    public static TopologyChange None { get; } = new();

    public ImmutableList<Resource> Puts { get; init; } = [];

    public ImmutableList<ResourceKey> Removals { get; init; } = [];

    public TopologyChange Put(params IEnumerable<Resource> resources) => this with { Puts = Puts.AddRange(resources) };

    public TopologyChange Remove(params IEnumerable<ResourceKey> keys) => this with { Removals = Removals.AddRange(keys) };

    /// <summary>Removals first, so that what is put may claim what they held.</summary>
    public Topology ApplyTo(Topology topology)
    {
        var without = Removals.Aggregate(topology, (result, key) => result.Remove(key));
        return Puts.Aggregate(without, (result, resource) => result.Put(resource));
    }

    public TopologyChange Then(TopologyChange next) => new()
    {
        Removals = Removals.AddRange(next.Removals),
        Puts = Puts.RemoveAll(put => next.Removals.Contains(put.Key)).AddRange(next.Puts),
    };
}
