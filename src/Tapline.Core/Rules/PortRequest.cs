using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a port, to create or to update one.</summary>
public sealed record PortRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }

    public Id<Network> NetworkId { get; init; }

    public Optional<bool> AdminStateUp { get; init; }

    /// <summary>Null or left out: a new one.</summary>
    public Optional<MacAddress?> Mac { get; init; }

    /// <summary>Left out at creation: one address of each family that the network has.</summary>
    public Optional<ValueList<FixedIpRequest>> FixedIps { get; init; }

    public Optional<string> DeviceId { get; init; }

    public Optional<string> DeviceOwner { get; init; }

    /// <summary>Left out at creation: the project's default group.</summary>
    public Optional<ValueList<Id<SecurityGroup>>> SecurityGroups { get; init; }

    public Optional<bool> PortSecurityEnabled { get; init; }

    public Optional<ValueList<AddressPair>> AllowedAddressPairs { get; init; }

    /// <summary>Null or empty: unbound.</summary>
    public Optional<string?> HostId { get; init; }

    public Optional<string> VnicType { get; init; }

    public Optional<string> BindingProfile { get; init; }
}

/// <summary>An address asked for: that one, any of that subnet, or (both set) that one of that subnet.</summary>
public sealed record FixedIpRequest(Id<Subnet>? SubnetId, IpAddress? Address);
