using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.FloatingIp, Tapline.Core.Rules.FloatingIpRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/floatingips</c>.</summary>
internal static class FloatingIpCollection
{
    public static Collection Value { get; } = new ResourceCollection<FloatingIp, FloatingIpRequest>("floatingip", "floatingips",
    [
        Of.Uuid("id", floatingIp => floatingIp.Id.Value),
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Uuid("floating_network_id", floatingIp => floatingIp.FloatingNetworkId.Value)
            .In(On.Post, Read.Uuid<Network>(), (request, value) => request with { FloatingNetworkId = value }) with { Required = true },
        Of.Text("floating_ip_address", floatingIp => floatingIp.FloatingAddress.ToString())
            .In(On.Post, Read.OrNull(Read.Address), (request, value) => request with { FloatingAddress = value }),
        Of.Text("fixed_ip_address", floatingIp => floatingIp.FixedAddress?.ToString())
            .In(On.Both, Read.OrNull(Read.Address), (request, value) => request with { FixedAddress = value }),
        Of.Uuid("port_id", floatingIp => floatingIp.PortId?.Value)
            .In(On.Both, Read.OrNull(Read.Uuid<Port>()), (request, value) => request with { PortId = value }),
        Of.Uuid("router_id", floatingIp => floatingIp.RouterId?.Value),
        Of.Text("status", (view, floatingIp) => view.StatusOf(floatingIp)),
        Of.Text("description", floatingIp => floatingIp.Description)
            .In(On.Both, Read.Name, (request, value) => request with { Description = value }),
        Of.Given("subnet_id")
            .In(On.Post, Read.OrNull(Read.Uuid<Subnet>()), (request, value) => request with { SubnetId = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<FloatingIp>.TryParse(id, out var parsed) ? topology.FloatingIps.GetValueOrDefault(parsed) : null,
        Candidates = (topology, _) => topology.FloatingIps.Values,
        Indexed = (topology, name, value) => name == "port_id" && Id<Port>.TryParse(value, out var port)
            ? topology.Indexes.FloatingIpsByPort.Get(port).Select(id => topology.FloatingIps[id])
            : null,
        Missing = NotFound.FloatingIp,
        Create = FloatingIpRules.Create,
        Update = (draft, id, request) => FloatingIpRules.Update(draft, Id<FloatingIp>.Parse(id), request),
        Delete = (draft, id) => FloatingIpRules.Delete(draft, Id<FloatingIp>.Parse(id)),
    };
}
