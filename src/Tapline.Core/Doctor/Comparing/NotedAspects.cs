using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>
/// A device that no plan of Tapline's speaks of: what a host that others set up notes itself of what should be (OpenStack's names for
/// devices, the switch's external_ids and other_config, the DHCP server's and the spoof flows' word for the instance's address).
/// </summary>
internal static class NotedAspects
{
    public static IEnumerable<Aspect> Of(World world, string ns, string device)
    {
        if (world.Link(ns, device) is { } link)
        {
            yield return new Aspect(null, PlannedAspects.UpOrDown(link.Up));
            yield return new Aspect(null, $"MTU {LinkStep.Number(link.Mtu)}");
            if (ns.Length == 0 && Plugging.BridgeOf(device) is { } bridge && world.PortAt(ns, device) is null)
            {
                yield return new Aspect(PlannedAspects.InBridge(bridge), PlannedAspects.InBridge(link.Master ?? ""));
            }
            else if (link.Master is { } master)
            {
                yield return new Aspect(null, PlannedAspects.InBridge(master));
            }
        }

        foreach (var address in world.FindNamespace(ns)?.Addresses.Where(own => own.Device == device && own.Scope != "link") ?? [])
        {
            yield return new Aspect(null, $"{address.Prefix}");
        }

        foreach (var aspect in OfPort(world, ns, device).Concat(ns.Length == 0 ? OfGuest(world, device) : []))
        {
            yield return aspect;
        }
    }

    private static IEnumerable<Aspect> OfPort(World world, string ns, string device)
    {
        if (world.PortAt(ns, device) is not { } seen)
        {
            return ns.Length == 0 && Plugging.IsForSwitch(device) && world.Seen.Switch is not null ? [new Aspect("a port of br-int", "no port of Open vSwitch")] : [];
        }

        var isAccess = Plugging.IsForSwitch(device) || seen is { Bridge.Name: "br-int", Port.Tag: not null };
        var should = isAccess && Tags.Of(world, seen.Port) is { } vlan ? PlannedAspects.Vlan(vlan) : null;
        return
        [
            new Aspect(Plugging.IsForSwitch(device) ? "a port of br-int" : null, $"a port of {seen.Bridge.Name}"),
            new Aspect(should, PlannedAspects.Vlan(seen.Port.Tag)),
        ];
    }

    /// <summary>The TAP stands for its instance, which one can look into where it is a namespace.</summary>
    private static IEnumerable<Aspect> OfGuest(World world, string device)
    {
        if (!device.StartsWith("tap", StringComparison.Ordinal) || GuestFacts.Of(world, device) is not { Inside: { } inside } guest)
        {
            yield break;
        }

        if (guest.Mac is { } mac && world.Link(inside.Namespace, inside.Device) is { } nic)
        {
            yield return new Aspect($"an instance with MAC {mac}", $"an instance with MAC {nic.Mac}");
        }

        var own = world.FindNamespace(inside.Namespace)?.Addresses.Where(address => address.Device == inside.Device && address.Scope != "link").Select(address => address.Prefix.Address).ToHashSet() ?? [];
        foreach (var address in guest.Addresses)
        {
            yield return new Aspect($"{address}", own.Contains(address) ? $"{address}" : own.Count == 0 ? "no address" : string.Join(" and ", own.Order()));
        }
    }
}
