using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a new instance. Its interfaces: the given ports, then the new ones, then one for each network.</summary>
public sealed record InstanceRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }

    /// <summary>Left out: the first host.</summary>
    public Optional<string?> HostId { get; init; }

    /// <summary>Ports to make for it.</summary>
    public ValueList<PortRequest> NewPorts { get; init; }

    /// <summary>The short form of new ports: one on each.</summary>
    public ValueList<Id<Network>> NetworkIds { get; init; }

    public ValueList<Id<Port>> PortIds { get; init; }

    /// <summary>Of the ports on <see cref="NetworkIds"/>.</summary>
    public Optional<ValueList<Id<SecurityGroup>>> SecurityGroups { get; init; }
}
