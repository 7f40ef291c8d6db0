using System.Collections.Immutable;
using System.Text.Json;

namespace Tapline.Server.Identity;

/// <summary>The services that this server is, and where. Fixed but for the server's own address.</summary>
internal static class Catalog
{
    public const string Region = "RegionOne";

    private static readonly ImmutableArray<string> Interfaces = ["public", "internal", "admin"];

    public static ImmutableArray<CatalogService> Services { get; } =
    [
        new("1de0000000000000000000000000de01", "keystone", "identity", "/identity/v3"),
        new("4e7000000000000000000000000074e0", "neutron", "network", ""),
    ];

    public static IEnumerable<CatalogEndpoint> Endpoints => Services.SelectMany(EndpointsOf);

    public static IEnumerable<CatalogEndpoint> EndpointsOf(CatalogService service) =>
        Interfaces.Select((x, i) => new CatalogEndpoint($"{service.Id[..30]}e{i}", x, service));

    /// <summary>The array as tokens carry it.</summary>
    public static void Write(Utf8JsonWriter writer, string server)
    {
        writer.WriteStartArray();
        foreach (var service in Services)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("endpoints");
            foreach (var endpoint in EndpointsOf(service))
            {
                writer.WriteStartObject();
                writer.WriteString("id", endpoint.Id);
                writer.WriteString("interface", endpoint.Interface);
                writer.WriteString("region", Region);
                writer.WriteString("region_id", Region);
                writer.WriteString("url", server + service.Path);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("id", service.Id);
            writer.WriteString("name", service.Name);
            writer.WriteString("type", service.Type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary>A service of the catalog; its URL is the server's with the path behind it.</summary>
internal sealed record CatalogService(string Id, string Name, string Type, string Path);

/// <summary>One of the three interfaces of a service; all lead to the same address.</summary>
internal sealed record CatalogEndpoint(string Id, string Interface, CatalogService Service);
