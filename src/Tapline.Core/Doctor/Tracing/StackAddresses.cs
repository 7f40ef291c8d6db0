using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>The addresses that a namespace's IP stack takes for its own, as rules ask for them.</summary>
internal sealed class StackAddresses(ObservedNamespace ns)
{
    private static readonly IpAddress Everywhere = IpAddress.Parse("255.255.255.255");

    private readonly ILookup<string, IpAddress> _byDevice = ns.Addresses.Where(address => address.Scope != "host").ToLookup(address => address.Device, address => address.Prefix.Address);

    public ValueList<IpAddress> All { get; } = [.. ns.Addresses.Select(address => address.Prefix.Address)];

    public ValueList<IpAddress> Broadcasts { get; } = [.. ns.Routes.Where(route => route.Type == "broadcast").Select(route => route.Destination.First), Everywhere];

    /// <summary>Those that are good beyond one link.</summary>
    public ValueList<IpAddress> MayLeave { get; } = [.. ns.Addresses.Where(address => address.Scope is not ("host" or "link")).Select(address => address.Prefix.Address)];

    public ValueList<IpAddress> Of(string? device) => device is null ? [] : [.. _byDevice[device]];
}
