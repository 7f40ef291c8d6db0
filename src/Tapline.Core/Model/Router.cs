using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>Forwards between the subnets whose interface ports carry its id as device, and to its gateway network.</summary>
public sealed record Router : Resource
{
    public required Id<Router> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.Router, Id.ToString());

    public bool AdminStateUp { get; init; } = true;

    /// <summary>The port on the external network (<c>network:router_gateway</c>); its addresses are the gateway's external fixed IPs.</summary>
    public Id<Port>? GatewayPortId { get; init; }

    /// <summary>Whether instances without floating IP leave by the gateway's address.</summary>
    public bool EnableSnat { get; init; } = true;

    /// <summary>Extra routes.</summary>
    public ValueList<HostRoute> Routes { get; init; }
}
