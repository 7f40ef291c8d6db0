using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What namespaces are to a cloud.</summary>
internal static class Places
{
    public static Place Of(World world, string ns) =>
        ns.Length == 0 ? Place.Host
        : world.GuestNamespaces.Contains(ns) ? Place.Guest
        : ns.StartsWith("qrouter-", StringComparison.Ordinal) || ns.StartsWith("qdhcp-", StringComparison.Ordinal) || ns.StartsWith("snat-", StringComparison.Ordinal)
            || ns.StartsWith("fip-", StringComparison.Ordinal) || HasLeg(world, ns) ? Place.Service
        : Place.Outside;

    /// <summary>
    /// The namespace whose stack the endpoint is; null where it can not be looked into. Of several that have the address one outside is
    /// meant: a router that took it is not asked from.
    /// </summary>
    public static string? StackOf(World world, Endpoint endpoint) =>
        endpoint.Guest is { } guest ? guest.Inside?.Namespace
        : world.OwnersOf(endpoint.Address).Select(owner => owner.Namespace).Where(ns => Of(world, ns) != Place.Guest)
            .OrderByDescending(ns => Of(world, ns) == Place.Outside).FirstOrDefault();

    private static bool HasLeg(World world, string ns) => world.Namespace(ns).Links.Any(link =>
        world.PortAt(ns, link.Name) is not null || (link.Peer is { In: "" } peer && world.Port(peer.Name) is { Bridge.Name: "br-int" }));
}

/// <summary>Kinds of namespace.</summary>
internal enum Place
{
    Host,

    /// <summary>Routers and DHCP servers.</summary>
    Service,
    Guest,

    /// <summary>The far side of a NIC, where it can be seen at all.</summary>
    Outside,
}
