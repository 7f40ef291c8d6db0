using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Answers that do not find their way back because no router has put its own address in.</summary>
internal static class NatFaults
{
    /// <summary>The reply's fault as it really is: the request left with the instance's own address, which nobody outside knows.</summary>
    public static Fault? Explain(World world, Endpoint from, Passage request, Fault reply)
    {
        if (from.Guest is null || request.Arrived is not (End.ToOutside or End.Delivered))
        {
            return null;
        }

        var arrived = request.Arrived is End.ToOutside outside ? outside.Packet : ((End.Delivered)request.Arrived).Packet;
        var isOutside = request.Arrived is End.ToOutside || Places.Of(world, ((End.Delivered)request.Arrived).Namespace) == Place.Outside;
        var leg = request.Hops.LastOrDefault(hop => hop.Device.StartsWith("qg-", StringComparison.Ordinal));
        return !isOutside || leg is null ? null
            : arrived.Source == from.Address ? NoSource(world, leg, from.Address, reply)
            : request.Hops.LastOrDefault(hop => hop.Namespace == leg.Namespace && hop.Translation is not null)?.Translation is { } rule && !world.Namespace(leg.Namespace).Addresses.Any(own => own.Prefix.Address == arrived.Source) ? WrongSource(leg, rule, arrived.Source, reply)
            : null;
    }

    /// <summary>Some rule put an address in that the router does not have: nothing brings the reply to it.</summary>
    private static Fault WrongSource(Hop leg, Netfilter.FilterStep rule, Primitives.IpAddress source, Fault reply) => new()
    {
        Code = "router.wrong-source-nat",
        Namespace = leg.Namespace,
        Device = leg.Device,
        Summary = $"the request leaves {leg.Namespace} with the source {source}, which is no address of it, so the reply cannot find its way back: "
            + $"{rule.Words} translates it",
        Evidence = [$"no device in {leg.Namespace} has {source}", $"the reply: {reply.Summary}"],
        Fix = FilterFaults.Removal(leg.Namespace, rule, "takes the rule away, so that the router's own translation comes to its turn; look first what else it was meant for"),
    };

    private static Fault NoSource(World world, Hop leg, IpAddress address, Fault reply)
    {
        var ns = world.Namespace(leg.Namespace);
        var own = ns.Addresses.FirstOrDefault(item => item.Device == leg.Device && item.Prefix.Length < item.Prefix.Address.Width)?.Prefix.Address;
        return new Fault
        {
            Code = "router.no-source-nat",
            Namespace = leg.Namespace,
            Device = leg.Device,
            Summary = $"the request leaves {leg.Namespace} with the private source {address}, so the reply cannot find its way back: nothing there translates it to an address of the router",
            Evidence =
            [
                $"no rule at postrouting of {leg.Namespace} translates {address} on its way out of {leg.Device}",
                $"the reply: {reply.Summary}",
            ],
            Fix = own is { } router ? LinkFaults.Host(leg.Namespace, Command(world, leg, router), "puts the router's own outer address in; conntrack undoes it on the reply") : null,
        };
    }

    private static string Command(World world, Hop leg, IpAddress router)
    {
        var rules = world.Rules(leg.Namespace);
        var chain = (from table in rules.Tables
                     from item in table.Chains
                     where item.Hook is { Type: "nat", Point: Netfilter.HookPoint.Postrouting } && table.Family is "ip" or "inet"
                     select (Table: table, Chain: item)).FirstOrDefault();
        return chain.Table is { Program: not "nft" and { } program } ? $"{program} -t nat -A POSTROUTING -o {leg.Device} -j SNAT --to-source {router}"
            : chain.Table is { } nft ? $"nft add rule {nft.Family} {nft.Name} {chain.Chain.Name} oifname {leg.Device} snat {(nft.Family == "inet" ? "ip " : "")}to {router}"
            : world.Namespace(leg.Namespace).Iptables is [var dump, ..] ? $"{dump.Program} -t nat -A POSTROUTING -o {leg.Device} -j SNAT --to-source {router}"
            : $"iptables -t nat -A POSTROUTING -o {leg.Device} -j SNAT --to-source {router}";
    }
}
