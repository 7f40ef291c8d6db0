using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a subnet, to create or to update one.</summary>
public sealed record SubnetRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }

    public Id<Network> NetworkId { get; init; }

    /// <summary>4 or 6, and to be that of the CIDR.</summary>
    public Optional<int> IpVersion { get; init; }

    public IpPrefix Cidr { get; init; }

    /// <summary>Null: no gateway; left out: the first address.</summary>
    public Optional<IpAddress?> GatewayIp { get; init; }

    public Optional<ValueList<IpRange>> AllocationPools { get; init; }

    public Optional<bool> EnableDhcp { get; init; }

    public Optional<ValueList<IpAddress>> DnsNameservers { get; init; }

    public Optional<ValueList<HostRoute>> HostRoutes { get; init; }

    public Optional<string?> Ipv6RaMode { get; init; }

    public Optional<string?> Ipv6AddressMode { get; init; }
}
