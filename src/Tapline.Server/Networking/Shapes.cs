using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Networking;

/// <summary>The small objects inside of resources: how each is read and written.</summary>
internal static class Shapes
{
    public static Reader<IpRange> Pool { get; } = (JsonElement json, Reading reading, out IpRange value) =>
    {
        value = default;
        if (!Read.IsObject(json, reading, "start", "end")
            || !Read.Member(json, "start", reading, Read.Address, out var start)
            || !Read.Member(json, "end", reading, Read.Address, out var end))
        {
            return false;
        }

        value = new IpRange(start, end);
        return true;
    };

    public static Reader<HostRoute> Route { get; } = (JsonElement json, Reading reading, out HostRoute value) =>
    {
        value = null!;
        if (!Read.IsObject(json, reading, "destination", "nexthop")
            || !Read.Member(json, "destination", reading, Read.Cidr, out var destination)
            || !Read.Member(json, "nexthop", reading, Read.Address, out var nextHop))
        {
            return false;
        }

        if (destination.Network != destination)
        {
            return reading.Refuse($"'{destination}' is not a recognized CIDR, '{destination.Network}' is recommended");
        }

        value = new HostRoute(destination, nextHop);
        return true;
    };

    public static Reader<FixedIpRequest> FixedIp { get; } = (JsonElement json, Reading reading, out FixedIpRequest value) =>
    {
        value = null!;
        if (!Read.IsObject(json, reading, "subnet_id", "ip_address")
            || !Read.OptionalMember(json, "subnet_id", reading, Read.Uuid<Subnet>(), out var subnet)
            || !Read.OptionalMember(json, "ip_address", reading, Read.Address, out var address))
        {
            return false;
        }

        value = new FixedIpRequest(subnet, address);
        return true;
    };

    public static Reader<AddressPair> Pair { get; } = (JsonElement json, Reading reading, out AddressPair value) =>
    {
        value = null!;
        if (!Read.IsObject(json, reading, "ip_address", "mac_address")
            || !Read.Member(json, "ip_address", reading, Read.AddressOrCidr, out var prefix)
            || !Read.OptionalMember(json, "mac_address", reading, Read.Mac, out var mac))
        {
            return false;
        }

        value = new AddressPair(prefix, mac);
        return true;
    };

    /// <summary>Null and {} clear the gateway.</summary>
    public static Reader<GatewayRequest?> Gateway { get; } = (JsonElement json, Reading reading, out GatewayRequest? value) =>
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null || (json.ValueKind == JsonValueKind.Object && !json.EnumerateObject().Any()))
        {
            return true;
        }

        if (!Read.IsObject(json, reading, "network_id", "enable_snat", "external_fixed_ips")
            || !Read.Member(json, "network_id", reading, Read.Uuid<Network>(), out var network))
        {
            return false;
        }

        var gateway = new GatewayRequest { NetworkId = network };
        if (json.TryGetProperty("enable_snat", out var snat))
        {
            if (!Read.Bool(snat, reading, out var enable))
            {
                return false;
            }

            gateway = gateway with { EnableSnat = enable };
        }

        if (json.TryGetProperty("external_fixed_ips", out var ips))
        {
            if (!Read.List(FixedIp)(ips, reading, out var fixedIps))
            {
                return false;
            }

            gateway = gateway with { FixedIps = fixedIps };
        }

        value = gateway;
        return true;
    };

    public static void Write(Utf8JsonWriter json, ValueList<FixedIp> fixedIps)
    {
        json.WriteStartArray();
        foreach (var fixedIp in fixedIps)
        {
            json.WriteStartObject();
            json.WriteString("subnet_id", fixedIp.SubnetId.Value);
            json.WriteString("ip_address", fixedIp.Address.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, ValueList<HostRoute> routes)
    {
        json.WriteStartArray();
        foreach (var route in routes)
        {
            json.WriteStartObject();
            json.WriteString("destination", route.Destination.ToString());
            json.WriteString("nexthop", route.NextHop.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
