using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>What a host says of itself after a reconcile; statuses shown by the API follow from it.</summary>
public sealed record HostReport : Resource
{
    public override ResourceKey Key => new(ResourceType.HostReport, Name);

    /// <summary>The slice's revision that the host has carried out, but for the failures.</summary>
    public Revision Applied { get; init; }

    /// <summary>Changes made by the last reconcile.</summary>
    public int Changes { get; init; }

    /// <summary>Ports wired from end to end on this host, helper ports among them.</summary>
    public ValueList<Id<Port>> ActivePorts { get; init; }

    public ValueList<Id<Router>> ActiveRouters { get; init; }

    public ValueList<Id<FloatingIp>> ActiveFloatingIps { get; init; }

    public ValueList<Id<Instance>> ActiveInstances { get; init; }

    public ValueList<ItemFailure> Failures { get; init; }
}

/// <summary>One item that could not be made right, and what the host said.</summary>
public sealed record ItemFailure(string Item, string Error);
