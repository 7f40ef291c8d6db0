using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tapline.Clouds;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;

namespace Tapline.Labs.Faults;

/// <summary>Where a fault is put: an instance of a lab, its devices, its router and its floating IP, as the cloud and the naming of devices tell.</summary>
internal sealed partial class FaultSite
{
    /// <summary>Lies behind the lab's outside.</summary>
    public const string Far = "198.51.100.1";

    /// <summary>Addresses that nobody has in a lab: the last but few of the provider's /16, and of a usual subnet.</summary>
    private const string Silent = "10.1.255.250";
    private const string UnusedHost = "250";

    private readonly Dictionary<string, string> _names = new() { ["far"] = Far, ["silent"] = Silent };

    private FaultSite(string? instance) => Instance = instance;

    /// <summary>Its name; null in a lab without instances.</summary>
    public string? Instance { get; }

    public string? FloatingIp => _names.GetValueOrDefault("floating");

    /// <summary>The instance that is meant; without a name the only one.</summary>
    public static async Task<FaultSite> FindAsync(CloudClient cloud, string? name, CancellationToken cancellationToken)
    {
        var instances = await cloud.ListAsync("instances", "", cancellationToken).ConfigureAwait(false);
        if (name is null && instances.Count == 0)
        {
            return new FaultSite(null);
        }

        var instance = name is not null ? await cloud.FindAsync("instances", name, cancellationToken).ConfigureAwait(false)
            : instances.Count == 1 ? instances[0]
            : throw new CommandException($"which instance? --instance takes one of {string.Join(", ", instances.Select(item => (string)item["name"]!))}", exitCode: 64);
        var site = new FaultSite((string)instance["name"]!);
        await site.ReadAsync(cloud, (string)instance["id"]!, cancellationToken).ConfigureAwait(false);
        return site;
    }

    /// <summary>Whether the lab has what the fault needs.</summary>
    public bool Has(string needs) => needs switch
    {
        Fault.Instance => Instance is not null,
        Fault.Router => _names.ContainsKey("qg"),
        Fault.FloatingIp => _names.ContainsKey("floating") && _names.ContainsKey("qg"),
        _ => true,
    };

    /// <summary>The command with this instance's names in it.</summary>
    public string Fill(string command) => Hole().Replace(command, match =>
        _names.TryGetValue(match.Groups[1].Value, out var name) ? name : throw new InvalidOperationException($"a fault's command has a hole that nothing fills: {match.Value}"));

    private async Task ReadAsync(CloudClient cloud, string instance, CancellationToken cancellationToken)
    {
        var ports = await cloud.ListAsync("ports", $"device_id={instance}", cancellationToken).ConfigureAwait(false);
        var port = ports.Count > 0 ? ports[0] : throw new CommandException($"instance '{Instance}' has no port");
        var id = Id<Port>.Parse((string)port["id"]!);
        var address = port["fixed_ips"]!.AsArray().First(item => ((string)item!["ip_address"]!).Contains('.', StringComparison.Ordinal))!;
        var subnet = await cloud.GetAsync("subnets", "subnet", (string)address["subnet_id"]!, cancellationToken).ConfigureAwait(false);
        _names["guest"] = Names.InstanceNamespace(Id<Instance>.Parse(instance));
        _names["tap"] = Names.Tap(id);
        _names["qbr"] = Names.Qbr(id);
        _names["qvb"] = Names.Qvb(id);
        _names["qvo"] = Names.Qvo(id);
        _names["fixed"] = (string)address["ip_address"]!;
        _names["unused"] = $"{_names["fixed"][.._names["fixed"].LastIndexOf('.')]}.{UnusedHost}";
        _names["length"] = ((string)subnet["cidr"]!).Split('/')[1];
        _names["gateway"] = (string?)subnet["gateway_ip"] ?? _names["unused"];
        _names["port"] = id.ToString();
        _names["mac"] = (string)port["mac_address"]!;
        await ReadRulesAsync(cloud, port, cancellationToken).ConfigureAwait(false);
        _names["group"] = port["security_groups"]!.AsArray().FirstOrDefault() is { } group ? Id<SecurityGroup>.Parse((string)group!).Short : "none";
        await ReadRouterAsync(cloud, port, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What closes the port's groups for ping, and what opens them again just as they were.</summary>
    private async Task ReadRulesAsync(CloudClient cloud, JsonObject port, CancellationToken cancellationToken)
    {
        var rules = new List<JsonObject>();
        foreach (var group in port["security_groups"]!.AsArray())
        {
            rules.AddRange(await cloud.ListAsync("security-group-rules", $"security_group_id={group}", cancellationToken).ConfigureAwait(false));
        }

        var ping = rules.Where(rule => (string?)rule["ethertype"] == "IPv4" && (string?)rule["protocol"] is null or "icmp" or "1").ToList();
        foreach (var direction in (string[])["ingress", "egress"])
        {
            var found = ping.Where(rule => (string?)rule["direction"] == direction).ToList();
            _names[$"close{direction}"] = found.Count == 0 ? $"echo 'no {direction} rule lets ping pass, so there is none to take away' >&2; false"
                : $"openstack security group rule delete {string.Join(' ', found.Select(rule => (string?)rule["id"]))}";
            _names[$"open{direction}"] = string.Join("; ", found.Select(RuleCommands.Create).DefaultIfEmpty("true"));
        }
    }

    private async Task ReadRouterAsync(CloudClient cloud, JsonObject port, CancellationToken cancellationToken)
    {
        var legs = await cloud.ListAsync("ports", $"network_id={port["network_id"]}&device_owner=network:router_interface", cancellationToken).ConfigureAwait(false);
        if (legs.FirstOrDefault(leg => leg["fixed_ips"]!.AsArray().Any(item => (string?)item!["ip_address"] == _names["gateway"])) is not { } inner)
        {
            return;
        }

        _names["router"] = Names.RouterNamespace(Id<Router>.Parse((string)inner["device_id"]!));
        _names["qr"] = Names.Qr(Id<Port>.Parse((string)inner["id"]!));
        _names["oqr"] = Names.SwitchEnd(_names["qr"]);
        var outer = await cloud.ListAsync("ports", $"device_id={inner["device_id"]}&device_owner=network:router_gateway", cancellationToken).ConfigureAwait(false);
        if (outer.Count > 0)
        {
            _names["qg"] = Names.Qg(Id<Port>.Parse((string)outer[0]["id"]!));
            _names["oqg"] = Names.SwitchEnd(_names["qg"]);
        }

        var floating = await cloud.ListAsync("floatingips", $"port_id={port["id"]}", cancellationToken).ConfigureAwait(false);
        if (floating.Count > 0)
        {
            _names["floating"] = (string)floating[0]["floating_ip_address"]!;
        }
    }

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Hole();
}
