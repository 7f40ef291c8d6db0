using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.Network, Tapline.Core.Rules.NetworkRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/networks</c>.</summary>
internal static class NetworkCollection
{
    private static readonly (string Word, NetworkType Value)[] Types =
    [
        ("local", NetworkType.Local), ("flat", NetworkType.Flat), ("vlan", NetworkType.Vlan), ("vxlan", NetworkType.Vxlan),
    ];

    public static Collection Value { get; } = new ResourceCollection<Network, NetworkRequest>("network", "networks",
    [
        Of.Uuid("id", network => network.Id.Value),
        Of.Text("name", network => network.Name).In(On.Both, Read.Name, (request, value) => request with { Name = value }),
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Bool("admin_state_up", network => network.AdminStateUp)
            .In(On.Both, Read.Bool, (request, value) => request with { AdminStateUp = value }),
        Of.Number("mtu", network => network.Mtu).In(On.Both, Read.OrNull(Read.Int), (request, value) => request with { Mtu = value }),
        Of.Text("status", network => network.AdminStateUp ? "ACTIVE" : "DOWN"),
        Of.Uuids("subnets", (view, network) => view.Topology.SubnetsOf(network.Id)
            .OrderBy(subnet => subnet.CreatedAt).ThenBy(subnet => subnet.Id).Select(subnet => subnet.Id.Value)),
        Of.Bool("shared", network => network.Shared).In(On.Both, Read.Bool, (request, value) => request with { Shared = value }),
        Of.Bool("router:external", network => network.External)
            .In(On.Both, Read.Bool, (request, value) => request with { External = value }),
        Of.Bool("port_security_enabled", network => network.PortSecurityEnabled)
            .In(On.Both, Read.Bool, (request, value) => request with { PortSecurityEnabled = value }),
        Of.Text("provider:network_type", network => TypeName(network.Type))
            .In(On.Both, Read.OrNull(Read.OneOf(Types)), (request, value) => request with { Type = value }) with { AdminOnly = true },
        Of.Text("provider:physical_network", network => network.PhysicalNetwork)
            .In(On.Both, Read.TextOrNull(64), (request, value) => request with { PhysicalNetwork = value }) with { AdminOnly = true },
        Of.Number("provider:segmentation_id", network => network.SegmentationId)
            .In(On.Both, Read.OrNull(Read.Int), (request, value) => request with { SegmentationId = value }) with { AdminOnly = true },
        Of.Text("description", network => network.Description)
            .In(On.Both, Read.Name, (request, value) => request with { Description = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<Network>.TryParse(id, out var parsed) ? topology.Networks.GetValueOrDefault(parsed) : null,
        Candidates = (topology, _) => topology.Networks.Values,
        Missing = NotFound.Network,
        Create = NetworkRules.Create,
        Update = (draft, id, request) => NetworkRules.Update(draft, Id<Network>.Parse(id), request),
        Delete = (draft, id) => NetworkRules.Delete(draft, Id<Network>.Parse(id)),
    };

    private static string TypeName(NetworkType type) => Types.First(word => word.Value == type).Word;
}
