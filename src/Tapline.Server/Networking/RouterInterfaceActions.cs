using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Networking;

/// <summary><c>PUT /v2.0/routers/{id}/add_router_interface</c> and <c>remove_router_interface</c>.</summary>
internal static class RouterInterfaceActions
{
    public static Task HandleAsync(Call call, string id, string action) => (call.Method, action) switch
    {
        ("PUT", "add_router_interface") => ActAsync(call, id, RouterInterfaces.Add),
        ("PUT", "remove_router_interface") => ActAsync(call, id, RouterInterfaces.Remove),
        (_, "add_router_interface" or "remove_router_interface") => NeutronAnswer.WrongMethodAsync(call.Context),
        _ => NeutronAnswer.NoSuchPathAsync(call.Context),
    };

    private static async Task ActAsync(Call call, string id, Func<Draft, Id<Router>, InterfaceRequest, RouterInterface?> rule)
    {
        using var body = await RequestBody.ReadAsync(call.Context);
        if (body is null)
        {
            return;
        }

        var reading = new Reading { Attribute = "body" };
        var request = Parse(body.RootElement, reading);
        if (reading.Rejections.Count > 0)
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
        }
        else if (!Id<Router>.TryParse(id, out var router))
        {
            await NeutronAnswer.RefusedAsync(call.Context, [NotFound.Router(id)]);
        }
        else
        {
            var result = await call.CommitAsync(draft => rule(draft, router, request));
            await (result.IsOk ? AnswerAsync(call.Context, result.Value) : NeutronAnswer.RefusedAsync(call.Context, result.Rejections));
        }
    }

    private static InterfaceRequest Parse(JsonElement json, Reading reading)
    {
        if (!Read.IsObject(json, reading, "subnet_id", "port_id"))
        {
            return new InterfaceRequest();
        }

        reading.Attribute = "subnet_id";
        Read.OptionalMember(json, "subnet_id", reading, Read.Uuid<Subnet>(), out var subnet);
        reading.Attribute = "port_id";
        Read.OptionalMember(json, "port_id", reading, Read.Uuid<Port>(), out var port);
        return new InterfaceRequest { SubnetId = subnet, PortId = port };
    }

    private static Task AnswerAsync(HttpContext context, RouterInterface leg) =>
        NeutronAnswer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", leg.Router.Id.Value);
            json.WriteString("tenant_id", leg.Router.ProjectId);
            json.WriteString("project_id", leg.Router.ProjectId);
            json.WriteString("port_id", leg.Port.Id.Value);
            json.WriteString("network_id", leg.Port.NetworkId.Value);
            json.WriteString("subnet_id", leg.SubnetIds[0].Value);
            json.WriteStartArray("subnet_ids");
            foreach (var subnet in leg.SubnetIds)
            {
                json.WriteStringValue(subnet.Value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
}
