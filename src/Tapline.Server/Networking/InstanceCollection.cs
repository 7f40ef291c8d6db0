using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.Instance, Tapline.Core.Rules.InstanceRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/tapline/v1/instances</c>: Tapline's own, not OpenStack's.</summary>
internal static class InstanceCollection
{
    public static Collection Value { get; } = new ResourceCollection<Instance, InstanceRequest>("instance", "instances",
    [
        Of.Uuid("id", instance => instance.Id.Value),
        Of.Text("name", instance => instance.Name).In(On.Post, Read.Name, (request, value) => request with { Name = value }),
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Text("host_id", instance => instance.HostId)
            .In(On.Post, Read.TextOrNull(255), (request, value) => request with { HostId = value }),
        Of.Text("status", (view, instance) => view.StatusOf(instance)),
        Of.Uuids("port_ids", (_, instance) => instance.PortIds.Select(port => port.Value))
            .In(On.Post, Read.List(Read.Uuid<Port>()), (request, value) => request with { PortIds = value }),
        Of.Given("ports")
            .In(On.Post, Read.List(PortCollection.Value.Nested), (request, value) => request with { NewPorts = value }),
        Of.Given("network_ids")
            .In(On.Post, Read.List(Read.Uuid<Network>()), (request, value) => request with { NetworkIds = value }),
        Of.Given("security_groups")
            .In(On.Post, Read.List(Read.Uuid<SecurityGroup>()), (request, value) => request with { SecurityGroups = value }),
        Of.Shown("addresses", (json, view, instance) =>
        {
            json.WriteStartArray();
            foreach (var port in instance.PortIds.Select(id => view.Topology.Ports.GetValueOrDefault(id)).OfType<Port>())
            {
                foreach (var fixedIp in port.FixedIps)
                {
                    json.WriteStringValue(fixedIp.Address.ToString());
                }
            }

            json.WriteEndArray();
        }),
        Of.Text("description", instance => instance.Description)
            .In(On.Post, Read.Name, (request, value) => request with { Description = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<Instance>.TryParse(id, out var parsed) ? topology.Instances.GetValueOrDefault(parsed) : null,
        Candidates = (topology, _) => topology.Instances.Values,
        Missing = NotFound.Instance,
        Create = InstanceRules.Create,
        Delete = (draft, id) => InstanceRules.Delete(draft, Id<Instance>.Parse(id)),
    };
}
