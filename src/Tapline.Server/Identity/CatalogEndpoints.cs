using System.Text.Json;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>Services, endpoints and regions, for reading.</summary>
internal static class CatalogEndpoints
{
    public static Answer Mine(IdentityCall call) => Answer.Ok(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("catalog");
        Catalog.Write(writer, call.Server);
        writer.WriteStartObject("links");
        writer.WriteString("self", call.Root + "/auth/catalog");
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static Answer Services(IdentityCall call)
    {
        var (name, type) = (call.Query("name"), call.Query("type"));
        var services = Catalog.Services.Where(service => (name is null || service.Name == name) && (type is null || service.Type == type));
        return call.List("services", services, (writer, service) => WriteService(writer, call, service));
    }

    public static Answer Service(IdentityCall call, string id) => Catalog.Services.FirstOrDefault(service => service.Id == id) is { } found
        ? IdentityCall.One("service", found, (writer, service) => WriteService(writer, call, service))
        : Answers.NotFound("service", id);

    public static Answer Endpoints(IdentityCall call)
    {
        var (kind, service) = (call.Query("interface"), call.Query("service_id"));
        var endpoints = Catalog.Endpoints.Where(endpoint =>
            (kind is null || endpoint.Interface == kind) && (service is null || endpoint.Service.Id == service));
        return call.List("endpoints", endpoints, (writer, endpoint) => WriteEndpoint(writer, call, endpoint));
    }

    public static Answer Endpoint(IdentityCall call, string id) => Catalog.Endpoints.FirstOrDefault(endpoint => endpoint.Id == id) is { } found
        ? IdentityCall.One("endpoint", found, (writer, endpoint) => WriteEndpoint(writer, call, endpoint))
        : Answers.NotFound("endpoint", id);

    public static Answer Regions(IdentityCall call) => call.List("regions", [Catalog.Region], (writer, id) => WriteRegion(writer, call, id));

    public static Answer Region(IdentityCall call, string id) => id == Catalog.Region
        ? IdentityCall.One("region", id, (writer, region) => WriteRegion(writer, call, region))
        : Answers.NotFound("region", id);

    private static void WriteService(Utf8JsonWriter writer, IdentityCall call, CatalogService service)
    {
        writer.WriteStartObject();
        writer.WriteString("id", service.Id);
        writer.WriteString("name", service.Name);
        writer.WriteString("type", service.Type);
        writer.WriteString("description", "");
        writer.WriteBoolean("enabled", true);
        Links.Write(writer, $"{call.Root}/services/{service.Id}");
        writer.WriteEndObject();
    }

    private static void WriteEndpoint(Utf8JsonWriter writer, IdentityCall call, CatalogEndpoint endpoint)
    {
        writer.WriteStartObject();
        writer.WriteString("id", endpoint.Id);
        writer.WriteString("interface", endpoint.Interface);
        writer.WriteString("service_id", endpoint.Service.Id);
        writer.WriteString("region", Catalog.Region);
        writer.WriteString("region_id", Catalog.Region);
        writer.WriteString("url", call.Server + endpoint.Service.Path);
        writer.WriteBoolean("enabled", true);
        Links.Write(writer, $"{call.Root}/endpoints/{endpoint.Id}");
        writer.WriteEndObject();
    }

    private static void WriteRegion(Utf8JsonWriter writer, IdentityCall call, string id)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("description", "");
        writer.WriteNull("parent_region_id");
        Links.Write(writer, $"{call.Root}/regions/{id}");
        writer.WriteEndObject();
    }
}
