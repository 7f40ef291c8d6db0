namespace Tapline.Core.Doctor.Tracing;

/// <summary>Why a neighbour's hardware address could not be learned.</summary>
internal static class ResolutionFaults
{
    public static Fault Of(World world, Neighbourhood found)
    {
        return found.Replies.Count > 0 ? ReplyLost(found) : NotAnswered(world, found);
    }

    /// <summary>Whoever should have answered could be seen, or the frame never left the host: the outside is not to blame.</summary>
    public static bool IsInside(World world, Neighbourhood found) =>
        Owners(world, found).Any() || Legs(found).Any() || !found.Requests.Any(branch => branch.End is End.ToOutside);

    /// <summary>The kernel has asked outside already, and nobody answered.</summary>
    public static Fault? Silent(World world, Neighbourhood found) =>
        world.Namespace(found.Namespace).Neighbours.FirstOrDefault(entry => entry.Address == found.Neighbour && entry.Device == found.Device && entry.State is "failed" or "incomplete") is { State: "failed" } entry
            ? new Fault
            {
                Code = "neighbour.silent",
                Namespace = found.Namespace,
                Device = found.Device,
                Summary = $"{found.Neighbour}, the next hop outside, does not answer ARP: it is not there, or the network between does not carry the frames",
                Evidence = [$"neighbour {entry.Address} dev {entry.Device}{LinkFaults.In(found.Namespace)}: {entry.State}"],
                Fix = new Fix(FixPlace.Outside, [], $"see that {found.Neighbour} is up on that network, and that the network's gateway is set right ('openstack subnet show' of the external subnet)"),
            }
            : null;

    private static Fault ReplyLost(Neighbourhood found)
    {
        var lost = found.Replies.Where(branch => branch.End is End.Lost).OrderByDescending(branch => branch.Trail?.Length ?? 0).FirstOrDefault();
        return lost is { End: End.Lost { Fault: var fault } }
            ? fault with { Evidence = [.. fault.Evidence, $"{found.Neighbour} answers {Asker(found)}'s ARP request, and the answer is lost on its way"] }
            : new Fault
            {
                Code = "arp.reply-lost",
                Namespace = found.Namespace,
                Device = found.Device,
                Summary = $"{found.Neighbour} answers ARP, but the answer does not come to {Asker(found)}",
                Evidence = [.. Ignored(found.Replies)],
            };
    }

    private static Fault NotAnswered(World world, Neighbourhood found)
    {
        foreach (var (ns, device) in Owners(world, found))
        {
            if (AtOwner(world, found, ns, device) is { } fault)
            {
                return fault;
            }
        }

        var lost = found.Requests.Where(branch => branch.End is End.Lost && !Asides.IsAside(world, branch))
            .OrderByDescending(branch => branch.Trail?.Length ?? 0).Select(branch => (End.Lost)branch.End).ToList();
        if (found.Requests.Count == 1 && lost is [{ Fault: var only }])
        {
            return only;
        }

        return SegmentFaults.Apart(world, found) ?? AtLeg(world, found) ?? AtGuest(world, found) ?? Beyond(world, found) ?? lost.OrderBy(end => end.IsOneOfSeveral).Select(end => end.Fault).FirstOrDefault() ?? new Fault
        {
            Code = "arp.unanswered",
            Namespace = found.Namespace,
            Device = found.Device,
            Summary = $"nobody answers {Asker(found)}'s ARP request for {found.Neighbour}: no device on that segment has this address",
            Evidence = [.. Entry(world, found), .. Ignored(found.Requests)],
            Fix = GatewayFix(world, found),
        };
    }

    /// <summary>The instance that should have the address was asked, and has none or another.</summary>
    private static Fault? AtGuest(World world, Neighbourhood found) =>
        (from guest in world.Guests
         where guest.Addresses.Contains(found.Neighbour) && guest.Inside is { } inside && found.Requests.Any(branch => branch.End is End.Ignored ignored && (ignored.Namespace, ignored.Device) == inside)
         select GuestAddressing.Of(world, guest.Inside!.Value.Namespace, guest.Inside.Value.Device, found.Neighbour)).FirstOrDefault(fault => fault is not null);

    /// <summary>What keeps the provider's bridge apart, for whom is asked from there or beyond there.</summary>
    internal static Fault? Beyond(World world, Neighbourhood found) =>
        found.Device.StartsWith("qr-", StringComparison.Ordinal) || found.Device.StartsWith("tap", StringComparison.Ordinal) || world.GuestNamespaces.Contains(found.Namespace)
            ? null
            : Patches.Broken(world) ?? ProviderNics.Missing(world);

    /// <summary>Where it was asked for as the gateway: whoever else of that network can be one.</summary>
    private static Fix? GatewayFix(World world, Neighbourhood found)
    {
        var ns = world.Namespace(found.Namespace);
        var isGateway = ns.Routes.Any(route => route is { Table: 254, Destination.Length: 0 } && route.NextHops.Any(hop => hop.Via == found.Neighbour && hop.Device == found.Device));
        var own = ns.Addresses.Where(address => address.Device == found.Device && address.Prefix.Contains(found.Neighbour)).Select(address => address.Prefix).FirstOrDefault();
        var other = ns.Neighbours.Where(entry => entry.Device == found.Device && entry.Mac is not null && own.Contains(entry.Address)).Select(entry => (Primitives.IpAddress?)entry.Address)
            .Concat(world.Seen.Namespaces.Where(item => item.Name.Length > 0 && item.Name != ns.Name && !item.Name.StartsWith('q'))
                .SelectMany(item => item.Addresses).Where(address => own.Length > 0 && own.Contains(address.Prefix.Address)).Select(address => (Primitives.IpAddress?)address.Prefix.Address))
            .FirstOrDefault();
        return isGateway && other is { } gateway
            ? LinkFaults.Host(ns.Name, $"ip route replace default via {gateway} dev {found.Device}", $"{gateway} is there and answers; the gateway that the network should have is told by 'openstack subnet show'")
            : null;
    }

    /// <summary>The owner got the request and did not answer, or it never came there.</summary>
    private static Fault? AtOwner(World world, Neighbourhood found, string ns, string device)
    {
        var chain = Attachments.Toward(world, ns, device);
        foreach (var end in found.Requests.Select(branch => branch.End))
        {
            if (end is End.Lost { Fault: var fault } && chain.Any(link => link.Device == fault.Device && link.Namespace == fault.Namespace))
            {
                return fault;
            }

            if (end is End.Ignored ignored && chain.Any(link => link.Device == ignored.Device && link.Namespace == ignored.Namespace))
            {
                return new Fault
                {
                    Code = "arp.ignored",
                    Namespace = ns,
                    Device = ignored.Device,
                    Summary = $"{ignored.Device} in {StackFaults.Place(ns)} hears the ARP request for {found.Neighbour} and does not answer: {ignored.Why}",
                };
            }
        }

        return SegmentFaults.Between(world, found, chain);
    }

    /// <summary>A router that is on the segment but has lost the address, or a leg that leads nowhere.</summary>
    private static Fault? AtLeg(World world, Neighbourhood found)
    {
        foreach (var end in Legs(found))
        {
            switch (end)
            {
                case End.Lost lost:
                    return lost.Fault;
                case End.Ignored ignored:
                    return AddressMissing(world, found, ignored);
            }
        }

        return null;
    }

    private static Fault AddressMissing(World world, Neighbourhood found, End.Ignored ignored)
    {
        var length = world.Namespace(found.Namespace).Addresses.Where(address => address.Prefix.Contains(found.Neighbour)).Select(address => (int?)address.Prefix.Length).FirstOrDefault() ?? 24;
        var addresses = world.Namespace(ignored.Namespace).Addresses.Where(address => address.Device == ignored.Device && !address.Prefix.Address.IsV6).Select(address => address.Prefix).ToList();
        if (addresses.Find(address => address.Contains(found.Neighbour)) is { Length: > 0 } near)
        {
            return WrongGateway(found, ignored, near.Address);
        }

        var own = addresses.ConvertAll(address => address.ToString());
        return new Fault
        {
            Code = "address.missing",
            Namespace = ignored.Namespace,
            Device = ignored.Device,
            Summary = $"{ignored.Device} in {ignored.Namespace} does not have the address {found.Neighbour}, so nobody answers for the gateway",
            Evidence = [own.Count > 0 ? $"addresses of {ignored.Device}: {string.Join(", ", own)}" : $"{ignored.Device} has no address"],
            Fix = LinkFaults.Host(ignored.Namespace, $"ip addr add {found.Neighbour}/{LinkStep.Number(length)} dev {ignored.Device}", "gives the router its address back"),
        };
    }

    /// <summary>The router is there, under another address than the one asked for.</summary>
    private static Fault WrongGateway(Neighbourhood found, End.Ignored router, Primitives.IpAddress gateway) => new()
    {
        Code = "gateway.wrong",
        Namespace = found.Namespace,
        Device = found.Device,
        Summary = $"{Asker(found)} asks for the gateway {found.Neighbour}, which nobody is; the router of this network is {gateway}",
        Evidence = [$"{router.Device} in {router.Namespace} has {gateway}", $"nobody answers ARP for {found.Neighbour}"],
        Fix = LinkFaults.Host(found.Namespace, $"ip route replace default via {gateway} dev {found.Device}", "sends it by way of the router"),
    };

    private static IEnumerable<End> Legs(Neighbourhood found) => found.Requests.Select(branch => branch.End).Where(end => end switch
    {
        End.Lost { Fault: var fault } => IsLeg(fault.Device),
        End.Ignored ignored => ignored.Device.StartsWith("qr-", StringComparison.Ordinal) && found.Device != ignored.Device,
        _ => false,
    });

    private static bool IsLeg(string device) =>
        device.StartsWith("qr-", StringComparison.Ordinal) || device.StartsWith("oqr-", StringComparison.Ordinal);

    /// <summary>Stacks that have the address, and guests that should.</summary>
    private static IEnumerable<(string Namespace, string Device)> Owners(World world, Neighbourhood found) =>
        world.OwnersOf(found.Neighbour).Select(owner => (owner.Namespace, owner.Device))
            .Concat(world.Guests.Where(guest => guest.Inside is null && guest.Addresses.Contains(found.Neighbour)).Select(guest => ("", guest.Tap)))
            .Where(owner => (owner.Item1, owner.Item2) != (found.Namespace, found.Device) && SegmentFaults.MayShareSegment(world, found, owner.Item1, owner.Item2));

    private static string Asker(Neighbourhood found) => found.Namespace.Length == 0 ? found.Device : $"{found.Device} ({found.Namespace})";

    private static IEnumerable<string> Entry(World world, Neighbourhood found) =>
        world.Namespace(found.Namespace).Neighbours.Where(entry => entry.Address == found.Neighbour && entry.Device == found.Device)
            .Select(entry => $"neighbour {entry.Address} dev {entry.Device}: {entry.State}");

    private static IEnumerable<string> Ignored(IEnumerable<Branch> branches) =>
        branches.Select(branch => branch.End).OfType<End.Ignored>().Take(4).Select(end => $"{end.Device}{LinkFaults.In(end.Namespace)}: {end.Why}");
}
