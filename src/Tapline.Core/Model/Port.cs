using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A place on a network that a device is plugged into.</summary>
public sealed record Port : Resource
{
    public required Id<Port> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.Port, Id.ToString());

    public required Id<Network> NetworkId { get; init; }

    public required MacAddress Mac { get; init; }

    public ValueList<FixedIp> FixedIps { get; init; }

    public bool AdminStateUp { get; init; } = true;

    /// <summary>The instance's or router's id, or empty.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary><c>compute:…</c>, one of <see cref="Model.DeviceOwner"/>, or empty.</summary>
    public string DeviceOwner { get; init; } = "";

    /// <summary>Empty with port security on means: nothing in, nothing out but DHCP and neighbour discovery.</summary>
    public ValueList<Id<SecurityGroup>> SecurityGroups { get; init; }

    /// <summary>Off: neither security groups nor anti-spoofing.</summary>
    public bool PortSecurityEnabled { get; init; } = true;

    public ValueList<AddressPair> AllowedAddressPairs { get; init; }

    /// <summary><c>binding:host_id</c>; null while unbound.</summary>
    public string? HostId { get; init; }

    public string VnicType { get; init; } = "normal";

    /// <summary><c>binding:profile</c> as its JSON text.</summary>
    public string BindingProfile { get; init; } = "{}";
}

/// <summary>An address of a port and the subnet that it is from.</summary>
public sealed record FixedIp(Id<Subnet> SubnetId, IpAddress Address);

/// <summary>A further address (range) that a port may use as its own; a null MAC means the port's.</summary>
public sealed record AddressPair(IpPrefix Prefix, MacAddress? Mac);

/// <summary>The owners of the ports that the cloud makes for itself.</summary>
public static class DeviceOwner
{
    public const string Dhcp = "network:dhcp";
    public const string RouterInterface = "network:router_interface";
    public const string RouterGateway = "network:router_gateway";
    public const string FloatingIp = "network:floatingip";
    public const string ComputePrefix = "compute:";

    /// <summary>What Tapline's own instances put on their ports.</summary>
    public const string Instance = "compute:tapline";

    /// <summary>Ports that neither have a VIF nor security groups.</summary>
    public static bool IsCloud(string owner) => owner.StartsWith("network:", StringComparison.Ordinal);

    /// <summary>Ports that the rules make and remove themselves; users may not.</summary>
    public static bool IsHelper(string owner) => owner is Dhcp or RouterInterface or RouterGateway or FloatingIp;
}
