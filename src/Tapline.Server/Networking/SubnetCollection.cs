using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.Subnet, Tapline.Core.Rules.SubnetRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/subnets</c>.</summary>
internal static class SubnetCollection
{
    public static Collection Value { get; } = new ResourceCollection<Subnet, SubnetRequest>("subnet", "subnets",
    [
        Of.Uuid("id", subnet => subnet.Id.Value),
        Of.Text("name", subnet => subnet.Name).In(On.Both, Read.Name, (request, value) => request with { Name = value }),
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Uuid("network_id", subnet => subnet.NetworkId.Value)
            .In(On.Post, Read.Uuid<Network>(), (request, value) => request with { NetworkId = value }) with { Required = true },
        Of.Number("ip_version", subnet => subnet.Cidr.Address.IsV6 ? 6 : 4)
            .In(On.Post, Version, (request, value) => request with { IpVersion = value }) with { Required = true },
        Of.Text("cidr", subnet => subnet.Cidr.ToString())
            .In(On.Post, Read.Cidr, (request, value) => request with { Cidr = value }) with { Required = true },
        Of.Text("gateway_ip", subnet => subnet.GatewayIp?.ToString())
            .In(On.Both, Read.OrNull(Read.Address), (request, value) => request with { GatewayIp = value }),
        Of.Shown("allocation_pools", (json, _, subnet) => Write(json, subnet.AllocationPools))
            .In(On.Both, Pools, (request, value) => value is { } pools ? request with { AllocationPools = pools } : request),
        Of.Bool("enable_dhcp", subnet => subnet.EnableDhcp)
            .In(On.Both, Read.Bool, (request, value) => request with { EnableDhcp = value }),
        Of.Texts("dns_nameservers", subnet => subnet.DnsNameservers.Select(address => address.ToString()))
            .In(On.Both, Read.List(Read.Address), (request, value) => request with { DnsNameservers = value }),
        Of.Shown("host_routes", (json, _, subnet) => Shapes.Write(json, subnet.HostRoutes))
            .In(On.Both, Read.List(Shapes.Route), (request, value) => request with { HostRoutes = value }),
        Of.Filter("shared", (view, subnet, wanted) =>
            Of.Is(view.Topology.Networks.GetValueOrDefault(subnet.NetworkId) is { Shared: true }, wanted)),
        Of.Text("ipv6_ra_mode", subnet => subnet.Ipv6RaMode)
            .In(On.Post, Read.TextOrNull(255), (request, value) => request with { Ipv6RaMode = value }),
        Of.Text("ipv6_address_mode", subnet => subnet.Ipv6AddressMode)
            .In(On.Post, Read.TextOrNull(255), (request, value) => request with { Ipv6AddressMode = value }),
        Of.Text("description", subnet => subnet.Description)
            .In(On.Both, Read.Name, (request, value) => request with { Description = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<Subnet>.TryParse(id, out var parsed) ? topology.Subnets.GetValueOrDefault(parsed) : null,
        Candidates = (topology, _) => topology.Subnets.Values,
        Indexed = (topology, name, value) =>
            name == "network_id" && Id<Network>.TryParse(value, out var network) ? topology.SubnetsOf(network) : null,
        Missing = NotFound.Subnet,
        Create = SubnetRules.Create,
        Update = (draft, id, request) => SubnetRules.Update(draft, Id<Subnet>.Parse(id), request),
        Delete = (draft, id) => SubnetRules.Delete(draft, Id<Subnet>.Parse(id)),
    };

    private static Reader<int> Version => (JsonElement json, Reading reading, out int value) =>
        Read.Int(json, reading, out value) && (value is 4 or 6 || reading.Refuse($"{Reading.Shown(json)} is not in [4, 6]"));

    /// <summary>Null is as left out: everything but the gateway.</summary>
    private static Reader<ValueList<IpRange>?> Pools => (JsonElement json, Reading reading, out ValueList<IpRange>? value) =>
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        var isOk = Read.List(Shapes.Pool)(json, reading, out var pools);
        value = pools;
        return isOk;
    };

    private static void Write(Utf8JsonWriter json, ValueList<IpRange> pools)
    {
        json.WriteStartArray();
        foreach (var pool in pools)
        {
            json.WriteStartObject();
            json.WriteString("start", pool.First.ToString());
            json.WriteString("end", pool.Last.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
