using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.Port, Tapline.Core.Rules.PortRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/ports</c>.</summary>
internal static class PortCollection
{
    private static readonly Reader<string> VnicType = Read.OneOf(
        new[] { "normal", "macvtap", "direct", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic", "vdpa", "remote-managed" }
            .Select(word => (word, word)).ToArray());

    public static ResourceCollection<Port, PortRequest> Value { get; } = new("port", "ports",
    [
        Of.Uuid("id", port => port.Id.Value),
        Of.Text("name", port => port.Name).In(On.Both, Read.Name, (request, value) => request with { Name = value }),
        Of.Uuid("network_id", port => port.NetworkId.Value)
            .In(On.Post, Read.Uuid<Network>(), (request, value) => request with { NetworkId = value }) with { Required = true },
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Text("mac_address", port => port.Mac.ToString())
            .In(On.Both, Read.OrNull(Read.Mac), (request, value) => request with { Mac = value })
            with { Matches = (_, port, wanted) => wanted.Any(text => MacAddress.TryParse(text, out var mac) && mac == port.Mac) },
        Of.Bool("admin_state_up", port => port.AdminStateUp)
            .In(On.Both, Read.Bool, (request, value) => request with { AdminStateUp = value }),
        Of.Text("status", (view, port) => view.StatusOf(port)),
        Of.Text("device_id", port => port.DeviceId).In(On.Both, Read.Name, (request, value) => request with { DeviceId = value }),
        Of.Text("device_owner", port => port.DeviceOwner)
            .In(On.Both, Read.Name, (request, value) => request with { DeviceOwner = value }),
        Of.Shown("fixed_ips", (json, _, port) => Shapes.Write(json, port.FixedIps))
            .In(On.Both, Read.List(Shapes.FixedIp), (request, value) => request with { FixedIps = value })
            with { Matches = PortFilters.FixedIps },
        Of.Filter("ip_address_substr", (_, port, wanted) =>
            port.FixedIps.Any(fixedIp => wanted.Any(text => fixedIp.Address.ToString().Contains(text ?? "", StringComparison.Ordinal)))),
        Of.Uuids("security_groups", (_, port) => port.SecurityGroups.Select(group => group.Value))
            .In(On.Both, Read.Distinct(Read.Uuid<SecurityGroup>()), (request, value) => request with { SecurityGroups = value }),
        Of.Bool("port_security_enabled", port => port.PortSecurityEnabled)
            .In(On.Both, Read.Bool, (request, value) => request with { PortSecurityEnabled = value }),
        Of.Shown("allowed_address_pairs", (json, _, port) => WritePairs(json, port))
            .In(On.Both, Read.List(Shapes.Pair), (request, value) => request with { AllowedAddressPairs = value }),
        Of.Text("binding:vnic_type", port => port.VnicType)
            .In(On.Both, VnicType, (request, value) => request with { VnicType = value }),
        Of.Text("binding:host_id", port => port.HostId ?? "")
            .In(On.Both, Read.TextOrNull(255), (request, value) => request with { HostId = value }) with { AdminOnly = true },
        Of.Shown("binding:profile", (json, _, port) => json.WriteRawValue(port.BindingProfile))
            .In(On.Both, Profile, (request, value) => request with { BindingProfile = value }) with { AdminOnly = true },
        Of.Text("binding:vif_type", (view, port) => VifType(view, port)) with { AdminOnly = true },
        Of.Shown("binding:vif_details", WriteVifDetails) with { AdminOnly = true },
        Of.Text("description", port => port.Description)
            .In(On.Both, Read.Name, (request, value) => request with { Description = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<Port>.TryParse(id, out var parsed) ? topology.Ports.GetValueOrDefault(parsed) : null,
        Candidates = PortFilters.Candidates,
        Indexed = PortFilters.Indexed,
        Missing = NotFound.Port,
        Create = PortRules.Create,
        Update = (draft, id, request) => PortRules.Update(draft, Id<Port>.Parse(id), request),
        Delete = (draft, id) => PortRules.Delete(draft, Id<Port>.Parse(id)),
    };

    /// <summary>An object, kept as the text it came in; null is the empty one.</summary>
    private static Reader<string> Profile => (JsonElement json, Reading reading, out string value) =>
    {
        value = json.ValueKind == JsonValueKind.Object ? json.GetRawText() : "{}";
        return value.Length > 4095 ? reading.Refuse("the profile is longer than 4095 characters")
            : json.ValueKind is JsonValueKind.Object or JsonValueKind.Null
                || reading.Refuse($"{Reading.Shown(json)} is not a dictionary");
    };

    /// <summary>Bound on a host that there is; other kinds of VNIC than "normal" can be bound nowhere.</summary>
    private static string VifType(View view, Port port) => port.HostId is not { } host ? "unbound"
        : view.Topology.Hosts.ContainsKey(host) && port.VnicType == "normal" ? "ovs"
        : "binding_failed";

    private static void WriteVifDetails(Utf8JsonWriter json, View view, Port port)
    {
        json.WriteStartObject();
        if (VifType(view, port) == "ovs")
        {
            json.WriteBoolean("port_filter", true);
            json.WriteString("connectivity", "l2");
            json.WriteBoolean("ovs_hybrid_plug", true);
            json.WriteString("datapath_type", "system");
            json.WriteString("bridge_name", "br-int");
        }

        json.WriteEndObject();
    }

    private static void WritePairs(Utf8JsonWriter json, Port port)
    {
        json.WriteStartArray();
        foreach (var pair in port.AllowedAddressPairs)
        {
            var isAddress = pair.Prefix.Length == pair.Prefix.Address.Width;
            json.WriteStartObject();
            json.WriteString("mac_address", (pair.Mac ?? port.Mac).ToString());
            json.WriteString("ip_address", isAddress ? pair.Prefix.Address.ToString() : pair.Prefix.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

/// <summary>Finding ports in lists without looking at all of them.</summary>
internal static class PortFilters
{
    /// <summary>The project's own, and those on its networks.</summary>
    public static IEnumerable<Port> Candidates(Topology topology, Scope scope)
    {
        if (scope.IsAdmin)
        {
            return topology.Ports.Values;
        }

        var own = topology.Indexes.ByProject.Get((ResourceType.Port, scope.ProjectId)).Select(id => topology.Ports[new Id<Port>(id)]);
        var networks = topology.Indexes.ByProject.Get((ResourceType.Network, scope.ProjectId)).Select(id => new Id<Network>(id));
        return own.Concat(networks.SelectMany(topology.PortsOf).Where(port => port.ProjectId != scope.ProjectId));
    }

    public static IEnumerable<Port>? Indexed(Topology topology, string name, string value) => name switch
    {
        "device_id" when value.Length > 0 => topology.PortsOfDevice(value),
        "network_id" when Id<Network>.TryParse(value, out var network) => topology.PortsOf(network),
        _ => null,
    };

    /// <summary>Of the conditions <c>key=value</c> those with the same key are alternatives, and one address must meet every key.</summary>
    public static bool FixedIps(View view, Port port, StringValues wanted)
    {
        var conditions = wanted.OfType<string>().Select(text => text.Split('=', 2)).GroupBy(parts => parts[0]).ToList();
        return port.FixedIps.Any(fixedIp => conditions.TrueForAll(same =>
            same.Any(parts => parts.Length == 2 && Meets(fixedIp, parts[0], parts[1]))));
    }

    private static bool Meets(FixedIp fixedIp, string key, string value) => key switch
    {
        "ip_address" => IpAddress.TryParse(value, out var address) && fixedIp.Address == address,
        "ip_address_substr" => fixedIp.Address.ToString().Contains(value, StringComparison.Ordinal),
        "subnet_id" or "subnet" => fixedIp.SubnetId.ToString() == value,
        _ => false,
    };
}
