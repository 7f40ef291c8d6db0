using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Ovs;

namespace Tapline.Agent.Reading;

/// <summary>What Open vSwitch's database says, in the observation's words.</summary>
internal static class SwitchDatabase
{
    private static readonly (string Table, string[] Columns)[] Wanted =
    [
        ("Open_vSwitch", ["bridges", "ovs_version", "external_ids", "other_config"]),
        ("Bridge",
        [
            "name", "ports", "datapath_type", "fail_mode", "external_ids", "other_config", "mirrors", "controller", "protocols", "flood_vlans",
            "stp_enable", "rstp_enable", "mcast_snooping_enable", "netflow", "sflow", "ipfix",
        ]),
        ("Port", ["name", "interfaces", "tag", "trunks", "vlan_mode", "other_config", "external_ids", "bond_mode", "lacp", "protected"]),
        ("Interface",
        [
            "name", "type", "options", "ofport", "error", "external_ids", "admin_state", "link_state", "statistics", "ingress_policing_rate",
            "mac_in_use", "mtu",
        ]),
        ("Mirror", ["name", "select_all", "select_src_port", "select_dst_port", "select_vlan", "output_port", "output_vlan"]),
        ("Controller", ["target", "is_connected", "role"]),
    ];

    /// <summary>Options of IPsec tunnels.</summary>
    private static readonly string[] Secrets = ["psk", "private_key"];

    /// <summary>All rows in one transaction.</summary>
    public static async Task<OvsdbSnapshot> ReadAsync(OvsdbClient client, CancellationToken cancellationToken)
    {
        var operations = new JsonArray([.. Wanted.Select(item => (JsonNode)new JsonObject
        {
            ["op"] = "select",
            ["table"] = item.Table,
            ["where"] = new JsonArray(),
            ["columns"] = new JsonArray([.. item.Columns.Append("_uuid").Select(column => (JsonNode)column)]),
        })]);
        var results = await client.TransactAsync(operations, cancellationToken).ConfigureAwait(false);
        var tables = ImmutableDictionary.CreateBuilder<string, ImmutableDictionary<Guid, OvsRow>>(StringComparer.Ordinal);
        foreach (var ((table, _), result) in Wanted.Zip(results.EnumerateArray()))
        {
            tables[table] = result.GetProperty("rows").EnumerateArray().Select(row => new OvsRow(IdOf(row), row)).ToImmutableDictionary(row => row.Uuid);
        }

        return new OvsdbSnapshot(tables.ToImmutable());
    }

    public static ObservedBridgeOfSwitch Bridge(OvsdbSnapshot database, OvsRow row) => new()
    {
        Name = row.Name,
        DatapathType = row.GetString("datapath_type") is { Length: > 0 } type ? type : "system",
        FailMode = row.GetString("fail_mode") ?? "standalone",
        ExternalIds = Settings(row, "external_ids"),
        OtherConfig = Settings(row, "other_config"),
        Extras = Extras(database, row),
        Ports = database.PortsOf(row).OrderBy(port => port.Name, StringComparer.Ordinal).Select(port => Port(database, port)).ToValueList(),
    };

    private static Guid IdOf(JsonElement row) => Guid.Parse(row.GetProperty("_uuid")[1].GetString()!);

    private static ObservedPort Port(OvsdbSnapshot database, OvsRow row) => new()
    {
        Name = row.Name,
        Tag = (int?)row.GetLong("tag"),
        Trunks = row.GetSet("trunks").Select(trunk => int.Parse(trunk, CultureInfo.InvariantCulture)).Order().ToValueList(),
        VlanMode = row.GetString("vlan_mode") ?? "",
        OtherConfig = Settings(row, "other_config"),
        Interfaces = database.InterfacesOf(row).OrderBy(item => item.Name, StringComparer.Ordinal).Select(Interface).ToValueList(),
    };

    private static ObservedInterface Interface(OvsRow row) => new()
    {
        Name = row.Name,
        Type = row.GetString("type") ?? "",
        Ofport = (int?)row.GetLong("ofport"),
        Error = row.GetString("error") ?? "",
        LinkState = row.GetString("link_state") ?? "",
        AdminState = row.GetString("admin_state") ?? "",
        Options = Settings(row, "options").Select(option => Secrets.Contains(option.Name) ? option with { Value = "..." } : option).ToValueList(),
        ExternalIds = Settings(row, "external_ids"),
        Counters = row.GetMap("statistics") is { IsEmpty: false } numbers
            ? new LinkCounters(Number(numbers, "rx_packets"), Number(numbers, "tx_packets"), Number(numbers, "rx_dropped"), Number(numbers, "tx_dropped"))
            : null,
    };

    private static long Number(ImmutableDictionary<string, string> numbers, string name) =>
        long.TryParse(numbers.GetValueOrDefault(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static ValueList<Setting> Settings(OvsRow row, string column) =>
        row.GetMap(column).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Setting(pair.Key, pair.Value)).ToValueList();

    /// <summary>What changes where frames go beside flows and VLANs.</summary>
    private static ValueList<string> Extras(OvsdbSnapshot database, OvsRow row)
    {
        var lines = new List<string>();
        lines.AddRange(database.Referred(row, "mirrors", "Mirror").Select(mirror => Mirror(database, mirror)));
        lines.AddRange(database.Referred(row, "controller", "Controller").Select(controller =>
            $"controller {controller.GetString("target")} connected={Word(controller, "is_connected")} role={controller.GetString("role")}"));
        lines.AddRange(new[] { "stp_enable", "rstp_enable", "mcast_snooping_enable" }.Where(name => row.GetBool(name) == true));
        lines.AddRange(new[] { "netflow", "sflow", "ipfix" }.Where(name => !row.GetUuids(name).IsEmpty));
        lines.AddRange(new[] { "protocols", "flood_vlans" }.Where(name => !row.GetSet(name).IsEmpty).Select(name => $"{name} {string.Join(',', row.GetSet(name))}"));
        foreach (var port in database.PortsOf(row))
        {
            lines.AddRange(port.GetUuids("interfaces").Length > 1 ? [$"bond {port.Name} mode={port.GetString("bond_mode")} lacp={port.GetString("lacp")}"] : []);
            lines.AddRange(port.GetBool("protected") == true ? [$"protected {port.Name}"] : []);
            lines.AddRange(database.InterfacesOf(port).Where(item => item.GetLong("ingress_policing_rate") > 0)
                .Select(item => $"policed {item.Name} {item.GetLong("ingress_policing_rate")} kbit/s"));
        }

        return lines.ToValueList();
    }

    private static string Mirror(OvsdbSnapshot database, OvsRow mirror)
    {
        string Ports(string column) => string.Join(',', database.Referred(mirror, column, "Port").Select(port => port.Name));
        return $"mirror {mirror.Name} select_all={Word(mirror, "select_all")} select_src_port={Ports("select_src_port")}"
            + $" select_dst_port={Ports("select_dst_port")} select_vlan={string.Join(',', mirror.GetSet("select_vlan"))}"
            + $" output_port={Ports("output_port")} output_vlan={mirror.GetLong("output_vlan")}";
    }

    private static string Word(OvsRow row, string column) => row.GetBool(column) == true ? "true" : "false";
}
