using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;

namespace Tapline.Core.Doctor.Examining;

/// <summary>It works, but: what is silently wrong, or waits to bite.</summary>
internal static class Caveats
{
    public static IEnumerable<Fault> Of(World world, Topology intent, Endpoint from, Endpoint to, Walk walk, Passage request) =>
    [
        .. RouterAnswers(world, to, request),
        .. Turned(world, to, request),
        .. TakenAddresses.Of(world, request) is { } taken ? [taken] : Array.Empty<Fault>(),
        .. new[] { from.Guest, to.Guest }.OfType<GuestFacts>().SelectMany(guest => SecurityOff(world, intent, guest)),
        .. Duplicates(walk),
        .. new[] { from, to }.Where(end => end.Guest is not null).SelectMany(end => OthersOf(world, end.Guest!, end.Address)),
    ];

    /// <summary>A floating IP that no rule leads to its instance: the router has the address and answers for itself.</summary>
    private static IEnumerable<Fault> RouterAnswers(World world, Endpoint to, Passage request)
    {
        if (request.Arrived is End.Delivered { Namespace: var ns } && Places.Of(world, ns) == Place.Service
            && world.Namespace(ns).Addresses.FirstOrDefault(address => address.Prefix.Address == to.Address && address.Prefix.Length == address.Prefix.Address.Width) is { } floating)
        {
            if (request.Hops.LastOrDefault(hop => hop.Namespace == ns && hop.Diversion is not null)?.Diversion is { } rule)
            {
                yield return Diverted(ns, floating.Device, to, rule);
                yield break;
            }

            yield return new Fault
            {
                Code = "router.no-destination-nat",
                Namespace = ns,
                Device = floating.Device,
                Summary = $"{to.Address} answers, but it is the router itself that does: no rule in {ns} leads the floating IP to an instance",
                Evidence = [$"address {floating.Prefix} on {floating.Device}", $"no rule at prerouting of {ns} translates {to.Address}"],
                Fix = FloatingIps.FixedOf(world, ns, to.Address) is { } inside
                    ? LinkFaults.Host(ns, FloatingIps.Command(world, ns, to.Address, inside), "leads the floating IP to the instance whose packets already leave with it")
                    : null,
            };
        }
    }

    /// <summary>Somebody else answers: a rule turned the request to an address of its own. A floating IP is meant to lead to an instance.</summary>
    private static IEnumerable<Fault> Turned(World world, Endpoint to, Passage request)
    {
        if (request.Arrived is End.Delivered { Namespace: var ns, Packet.Destination: var now } && now != to.Address && to.Guest is null
            && (Places.Of(world, ns) != Place.Guest || !world.OwnersOf(to.Address).Any())
            && request.Hops.LastOrDefault(hop => hop.Diversion is not null) is { Diversion: { } rule } hop)
        {
            yield return new Fault
            {
                Code = "address.taken",
                Namespace = hop.Namespace,
                Device = hop.Device,
                Summary = $"{to.Address} answers, but it is {StackFaults.Place(ns)} that does: {rule.Words} turns the request to {now}",
                Evidence = [$"{to.Address} is no address of {StackFaults.Place(ns)}"],
                Fix = FilterFaults.Removal(hop.Namespace, rule, "takes away what turns it; look first whose rule it is and what else it was meant for"),
            };
        }
    }

    private static Fault Diverted(string ns, string device, Endpoint to, Netfilter.FilterStep rule) => new()
    {
        Code = "router.no-destination-nat",
        Namespace = ns,
        Device = device,
        Summary = $"{to.Address} answers, but it is the router itself that does: {rule.Words} keeps the floating IP in {ns}",
        Evidence = [$"address {to.Address} on {device}", "a connection is translated once, and that rule comes first"],
        Fix = FilterFaults.Removal(ns, rule, "takes the rule away, so that the one for the floating IP comes to its turn; look first what else it was meant for"),
    };

    /// <summary>The bridge of the hybrid plug is there for the firewall's sake; and no firewall sees its packets.</summary>
    private static IEnumerable<Fault> SecurityOff(World world, Topology intent, GuestFacts guest)
    {
        var qbr = "qbr" + guest.Tap[3..];
        var host = world.Namespace("");
        var port = intent.Ports.Values.FirstOrDefault(item => "tap" + item.Id.Short == guest.Tap);
        if (host.Link(qbr) is not { } bridge || port is { PortSecurityEnabled: false })
        {
            yield break;
        }

        foreach (var (sysctl, family, isOn) in (IEnumerable<(string, string, bool)>)[
            ("bridge-nf-call-iptables", "IPv4", bridge.Bridge?.CallIptables == true), ("bridge-nf-call-ip6tables", "IPv6", bridge.Bridge?.CallIp6tables == true)])
        {
            if (host.Sysctl($"net/bridge/{sysctl}") is var value && value != "1" && !(value is not null && isOn))
            {
                yield return new Fault
                {
                    Code = "security-groups.off",
                    Device = qbr,
                    Summary = $"bridged {family} packets do not meet the firewall: security groups are silently off for {family}",
                    Evidence = [value is null ? "/proc/sys/net/bridge is absent: br_netfilter is not loaded" : $"sysctl net.bridge.{sysctl} = {value}"],
                    Fix = new Fix(FixPlace.Host, value is null ? ["modprobe br_netfilter", $"sysctl -w net.bridge.{sysctl}=1"] : [$"sysctl -w net.bridge.{sysctl}=1"],
                        "has the firewall look at bridged packets, of every bridge of this host"),
                };
            }
        }

        var tables = world.Rules(host.Name).Tables;
        if (!tables.Any(table => VifRules.AreMet(table, guest.Tap)))
        {
            yield return new Fault
            {
                Code = "security-groups.missing",
                Device = guest.Tap,
                Summary = $"no rule of the host's firewall concerns {guest.Tap}: the port has no security groups in force",
                Evidence = [$"no rule of nftables or iptables that the forward hook comes to names {guest.Tap} or {qbr}"],
                Fix = tables.Select(table => VifRules.Rejoining(table, guest.Tap)).FirstOrDefault(command => command is not null) is { } rejoining
                    ? LinkFaults.Host("", rejoining, "leads the forward hook to the map that still has the port's verdict; the agent writes its own chain in full")
                    : null,
            };
        }
    }

    /// <summary>Somebody else on the same VLAN has the instance's address.</summary>
    private static IEnumerable<Fault> OthersOf(World world, GuestFacts guest, Primitives.IpAddress address) =>
        from owner in world.OwnersOf(address)
        where owner.Namespace != guest.Inside?.Namespace
        let end = Attachments.Toward(world, owner.Namespace, owner.Device)[^1]
        let port = world.PortAt(end.Namespace, end.Device)
        let own = world.Port("qvo" + guest.Tap[3..])
        where port is not null && own is not null && port.Value.Bridge.Name == own.Value.Bridge.Name && port.Value.Port.Tag == own.Value.Port.Tag
        select new Fault
        {
            Code = "address.duplicate",
            Namespace = owner.Namespace,
            Device = owner.Device,
            Summary = $"{address} is the instance's and also {owner.Device}'s{LinkFaults.In(owner.Namespace)}, on the same network: whoever answers ARP first gets the traffic",
            Evidence = [$"address {owner.Address.Prefix} on {owner.Device}{LinkFaults.In(owner.Namespace)}, which hangs on port {end.Device} (VLAN {port.Value.Port.Tag})", $"port {own.Value.Port.Name} of the instance has the same VLAN"],
            Fix = LinkFaults.Host(owner.Namespace, $"ip addr del {owner.Address.Prefix} dev {owner.Device}", "takes the address from the other; give it one of its own"),
        };

    private static IEnumerable<Fault> Duplicates(Walk walk) =>
        from found in walk.Resolutions
        where found.Macs.Count > 1
        select new Fault
        {
            Code = "address.duplicate",
            Namespace = found.Namespace,
            Device = found.Device,
            Summary = $"{found.Neighbour} is answered for by several: {string.Join(" and ", found.Macs)}",
            Evidence = [$"ARP request for {found.Neighbour} from {found.Device}: {LinkStep.Number(found.Macs.Count)} answers"],
        };
}
