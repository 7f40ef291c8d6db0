using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a router, to create or to update one.</summary>
public sealed record RouterRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }

    public Optional<bool> AdminStateUp { get; init; }

    /// <summary>Null: no gateway.</summary>
    public Optional<GatewayRequest?> Gateway { get; init; }

    public Optional<ValueList<HostRoute>> Routes { get; init; }
}

/// <summary><c>external_gateway_info</c>.</summary>
public sealed record GatewayRequest
{
    public Id<Network> NetworkId { get; init; }

    public Optional<bool> EnableSnat { get; init; }

    public Optional<ValueList<FixedIpRequest>> FixedIps { get; init; }
}

/// <summary>Which interface to add or remove: by subnet, by port, or (removal) by both.</summary>
public sealed record InterfaceRequest
{
    public Id<Subnet>? SubnetId { get; init; }

    public Id<Port>? PortId { get; init; }
}
