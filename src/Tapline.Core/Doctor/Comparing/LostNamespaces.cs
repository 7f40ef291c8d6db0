using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>A leg that is missing because the whole namespace of its router is: who made it makes it anew, or the plan tells how.</summary>
internal static class LostNamespaces
{
    private static readonly string[] Legs = ["qr-", "qg-", "oqr-", "oqg-"];

    public static Fault Explain(World world, HostState wanted, Fault fault)
    {
        if (fault is not { Code: "link.missing" or "ovs.port-error", Fix: null, Namespace: "" } || !Legs.Any(prefix => fault.Device.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return fault;
        }

        var leg = wanted.Find(new ItemKey(ItemKind.Link, "", fault.Device)) as HostItem.Link;
        if (leg?.Peer is { In: var ns } && world.FindNamespace(ns) is null && Rebuilding.CommandsFor(wanted, ns) is { IsEmpty: false } commands)
        {
            return Gone(fault, $"its namespace {ns}", $"no namespace {ns}") with
            {
                Fix = new Fix(FixPlace.Host, commands, "makes namespace, legs, addresses, routes and translation anew as the cloud's plan has them; the agent does the same as soon as it runs ('tapline status')"),
            };
        }

        return leg is null && !HasLeg(world, fault.Device) && world.Port(fault.Device)?.Interface.ExternalId("attached-mac") is { } mac
            ? Gone(fault, "its namespace", "no namespace has the leg") with { Fix = ByTheCloud(mac) }
            : fault;
    }

    private static Fault Gone(Fault fault, string what, string evidence) => fault with
    {
        Code = "router.namespace-gone",
        Summary = $"the router is gone from this host, {what} and its legs with it: {fault.Device} does not exist",
        Evidence = [.. fault.Evidence, evidence],
    };

    private static bool HasLeg(World world, string device)
    {
        var inner = device.TrimStart('o');
        return world.Seen.Namespaces.Any(ns => ns.Name.Length > 0 && ns.Link(inner) is not null);
    }

    /// <summary>The agent of OpenStack makes a router anew when the cloud takes it away and gives it back.</summary>
    private static Fix ByTheCloud(string mac)
    {
        var router = $"$(openstack port show $(openstack port list --mac-address {mac} -f value -c ID) -f value -c device_id)";
        return new Fix(FixPlace.Api, [$"openstack router set --disable {router}", $"openstack router set --enable {router}"],
            "has the L3 agent remove what is left of the router and lay it out anew; its connections end");
    }
}
