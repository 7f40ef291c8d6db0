using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.Router, Tapline.Core.Rules.RouterRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/routers</c>; interfaces are <see cref="RouterInterfaceActions"/>.</summary>
internal static class RouterCollection
{
    public static Collection Value { get; } = new ResourceCollection<Router, RouterRequest>("router", "routers",
    [
        Of.Uuid("id", router => router.Id.Value),
        Of.Text("name", router => router.Name).In(On.Both, Read.Name, (request, value) => request with { Name = value }),
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Bool("admin_state_up", router => router.AdminStateUp)
            .In(On.Both, Read.Bool, (request, value) => request with { AdminStateUp = value }),
        Of.Text("status", _ => "ACTIVE"), // Neutron's answer from creation on; clients wait for no other
        Of.Shown("external_gateway_info", WriteGateway)
            .In(On.Both, Shapes.Gateway, (request, value) => request with { Gateway = value }),
        Of.Shown("routes", (json, _, router) => Shapes.Write(json, router.Routes))
            .In(On.Put, Read.List(Shapes.Route), (request, value) => request with { Routes = value }),
        Of.Text("description", router => router.Description)
            .In(On.Both, Read.Name, (request, value) => request with { Description = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<Router>.TryParse(id, out var parsed) ? topology.Routers.GetValueOrDefault(parsed) : null,
        Candidates = (topology, _) => topology.Routers.Values,
        Missing = NotFound.Router,
        Create = RouterRules.Create,
        Update = (draft, id, request) => RouterRules.Update(draft, Id<Router>.Parse(id), request),
        Delete = (draft, id) => RouterRules.Delete(draft, Id<Router>.Parse(id)),
    };

    private static void WriteGateway(Utf8JsonWriter json, View view, Router router)
    {
        if (RouterLegs.Gateway(view.Topology, router) is not { } port)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("network_id", port.NetworkId.Value);
        json.WritePropertyName("external_fixed_ips");
        Shapes.Write(json, port.FixedIps);
        json.WriteBoolean("enable_snat", router.EnableSnat);
        json.WriteEndObject();
    }
}
