using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a new instance. Its interfaces: the given ports in their order, then a new port for each network.</summary>
public sealed record InstanceRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }

    /// <summary>Left out: the first host.</summary>
    public Optional<string?> HostId { get; init; }

    public ValueList<Id<Network>> NetworkIds { get; init; }

    public ValueList<Id<Port>> PortIds { get; init; }

    /// <summary>Of the new ports.</summary>
    public Optional<ValueList<Id<SecurityGroup>>> SecurityGroups { get; init; }
}
