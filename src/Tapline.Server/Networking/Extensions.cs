using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/extensions</c>: what is really kept to. Clients switch features on by these names.</summary>
internal static class Extensions
{
    private static readonly ImmutableArray<(string Alias, string Name, string Description)> Kept =
    [
        ("agent", "agent", "The agent management extension."),
        ("allowed-address-pairs", "Allowed Address Pairs", "Provides allowed address pairs"),
        ("binding", "Port Binding", "Expose port bindings of a virtual port to external application"),
        ("empty-string-filtering", "Empty String Filtering Extension", "Allow filtering by attributes with empty string value"),
        ("ext-gw-mode", "Neutron L3 Configurable external gateway mode", "Extension of the router abstraction for specifying whether SNAT "
            + "should occur on the external gateway"),
        ("external-net", "Neutron external network", "Adds external network attribute to network resource."),
        ("extraroute", "Neutron Extra Route", "Extra routes configuration for L3 router"),
        ("ip-substring-filtering", "IP address substring filtering", "Provides IP address substring filtering when listing ports"),
        ("net-mtu", "Network MTU", "Provides MTU attribute for a network resource."),
        ("net-mtu-writable", "Network MTU (writable)", "Provides a writable MTU attribute for a network resource."),
        ("pagination", "Pagination support", "Extension that indicates that pagination is enabled."),
        ("port-security", "Port Security", "Provides port security"),
        ("port-security-groups-filtering", "Port filtering on security groups", "Provides security groups filtering when listing ports"),
        ("project-id", "project_id field enabled", "Extension that indicates that project_id field is enabled."),
        ("provider", "Provider Network", "Expose mapping of virtual networks to physical networks"),
        ("quota_details", "Quota details management support", "Expose functions for quotas usage statistics per project"),
        ("quotas", "Quota management support", "Expose functions for quotas management per project"),
        ("revision-if-match", "If-Match constraints based on revision_number", "Extension indicating that If-Match based on "
            + "revision_number is supported."),
        ("router", "Neutron L3 Router", "Router abstraction for basic L3 forwarding between L2 Neutron networks and access to external "
            + "networks via a NAT gateway."),
        ("security-group", "security-group", "The security groups extension."),
        ("sorting", "Sorting support", "Extension that indicates that sorting is enabled."),
        ("standard-attr-description", "standard-attr-description", "Extension to add descriptions to standard attributes"),
        ("standard-attr-revisions", "Resource revision numbers", "This extension will display the revision number of neutron resources."),
        ("standard-attr-tag", "Tag support for resources with standard attribute", "Enables to set tag on resources."),
        ("standard-attr-timestamp", "Resource timestamps", "Adds created_at and updated_at fields to all Neutron resources."),
    ];

    public static Task HandleAsync(Call call, string[] path)
    {
        if (call.Method != "GET")
        {
            return NeutronAnswer.WrongMethodAsync(call.Context);
        }

        return path switch
        {
            [] => ListAsync(call.Context),
            [var alias] => ShowAsync(call.Context, alias),
            _ => NeutronAnswer.NoSuchPathAsync(call.Context),
        };
    }

    private static Task ListAsync(HttpContext context) => NeutronAnswer.JsonAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("extensions");
        foreach (var extension in Kept)
        {
            Write(json, extension);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Task ShowAsync(HttpContext context, string alias)
    {
        foreach (var extension in Kept)
        {
            if (extension.Alias == alias)
            {
                return NeutronAnswer.JsonAsync(context, StatusCodes.Status200OK, json =>
                {
                    json.WriteStartObject();
                    json.WritePropertyName("extension");
                    Write(json, extension);
                    json.WriteEndObject();
                });
            }
        }

        return NeutronAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "HTTPNotFound",
            $"Extension with alias {alias} does not exist");
    }

    private static void Write(Utf8JsonWriter json, (string Alias, string Name, string Description) extension)
    {
        json.WriteStartObject();
        json.WriteString("alias", extension.Alias);
        json.WriteString("name", extension.Name);
        json.WriteString("description", extension.Description);
        json.WriteString("updated", "2026-11-23T00:00:00-00:00");
        json.WriteStartArray("links");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
