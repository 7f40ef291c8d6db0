using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What is behind a switch port: the devices from it to the stack that uses it.</summary>
internal static class Attachments
{
    private const int Longest = 8;

    /// <summary>Addresses of the stack behind a port of the switch (a leg's, a light instance's).</summary>
    public static IEnumerable<IpPrefix> AddressesOf(World world, string port)
    {
        var (ns, device) = Chain(world, port)[^1];
        return world.FindNamespace(ns)?.Addresses.Where(address => address.Device == device && !address.Prefix.Address.IsLinkLocal).Select(address => address.Prefix) ?? [];
    }

    /// <summary>From the port on, away from the switch: itself, a veth's other end, through a bridge of two to the next …</summary>
    public static IReadOnlyList<(string Namespace, string Device)> Chain(World world, string port)
    {
        var ns = world.Port(port) is { Interface.Type: "internal" } ? world.NamespaceOfInternalPort(port) ?? "" : "";
        List<(string Namespace, string Device)> chain = [(ns, port)];
        while (chain.Count < Longest && Next(world, chain[^1], chain) is { } next)
        {
            chain.Add(next);
        }

        return chain;
    }

    /// <summary>The other way: from a stack's device to the switch port (or NIC) it hangs on; the last is where it ends.</summary>
    public static IReadOnlyList<(string Namespace, string Device)> Toward(World world, string ns, string device)
    {
        List<(string Namespace, string Device)> chain = [(ns, device)];
        while (chain.Count < Longest && world.PortAt(chain[^1].Namespace, chain[^1].Device) is null && Next(world, chain[^1], chain) is { } next)
        {
            chain.Add(next);
        }

        return chain;
    }

    private static (string Namespace, string Device)? Next(World world, (string Namespace, string Device) at, List<(string Namespace, string Device)> been)
    {
        if (world.Link(at.Namespace, at.Device) is not { } link)
        {
            return null;
        }

        if (link.Peer is { } peer && !been.Contains((peer.In, peer.Name)))
        {
            return (peer.In, peer.Name);
        }

        var bridge = link.Master ?? Plugging.BridgeOf(link.Name);
        if (bridge is null || world.Link(at.Namespace, bridge) is null)
        {
            return null;
        }

        var others = world.Namespace(at.Namespace).Links.Where(other => other.Name != link.Name && other.Master == bridge).ToList();
        return others is [var other] && !been.Contains((at.Namespace, other.Name)) ? (at.Namespace, other.Name) : null;
    }
}
