using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What hosts say of themselves.</summary>
public static class HostRules
{
    private const int LongestName = 253;

    /// <summary>
    /// A host comes, or comes again with other bridge mappings. Helper ports that were made before there was a host are put on the
    /// first one, by name.
    /// </summary>
    public static Result<Outcome<Model.Host>> Register(Topology topology, Model.Host host, RuleContext context)
    {
        if (!IsName(host.Name))
        {
            return Rejection.Invalid(
                "name", $"'{host.Name}' is not a host name: letters, digits, '.', '-' and '_', {LongestName} at most.");
        }

        if (host.BridgeMappings.Any(mapping => mapping is null or { PhysicalNetwork: null } or { Bridge: null }))
        {
            return Rejection.Invalid("bridge_mappings", "A bridge mapping needs a physical_network and a bridge.");
        }

        if (TwiceIn([.. host.BridgeMappings]) is { } twice)
        {
            return Rejection.Invalid(
                "bridge_mappings", $"'{twice}' is in two bridge mappings: each needs a physical network, a bridge and a NIC of its own.");
        }

        var old = topology.Hosts.GetValueOrDefault(host.Name);
        var change = TopologyChange.None;
        if (old is null || old.BridgeMappings != host.BridgeMappings)
        {
            change = change.Put(new Model.Host
            {
                Name = host.Name,
                ProjectId = "",
                BridgeMappings = host.BridgeMappings,
                CreatedAt = old?.CreatedAt ?? context.Now,
                UpdatedAt = context.Now,
                RevisionNumber = old is null ? 0 : old.RevisionNumber + 1,
            });
        }

        var first = topology.Hosts.Keys.Append(host.Name).Min(StringComparer.Ordinal);
        var waiting = topology.Ports.Values.Where(IsWaiting).Select(port => port with
        {
            HostId = first,
            UpdatedAt = context.Now,
            RevisionNumber = port.RevisionNumber + 1,
        });
        return new Outcome<Model.Host>(host, change.Put(waiting));
    }

    /// <summary>The physical network, bridge or NIC that two of the mappings have; null if each has its own, as Neutron too asks.</summary>
    public static string? TwiceIn(IReadOnlyCollection<BridgeMapping> mappings)
    {
        Func<BridgeMapping, string?>[] columns = [mapping => mapping.PhysicalNetwork, mapping => mapping.Bridge, mapping => mapping.Nic];
        return columns.SelectMany(column => mappings.Select(column).OfType<string>().CountBy(name => name))
            .Where(count => count.Value > 1).Select(count => count.Key).FirstOrDefault();
    }

    /// <summary>What a registered host says of its last reconcile; a report that says the same as the one before changes nothing.</summary>
    public static Result<Outcome<HostReport>> Report(Topology topology, HostReport report, RuleContext context)
    {
        if (!topology.Hosts.ContainsKey(report.Name))
        {
            return Rejection.NotFound("HostNotFound", $"The host '{report.Name}' is not registered.");
        }

        if (report.Failures.Any(failure => failure is null or { Item: null } or { Error: null }))
        {
            return Rejection.Invalid("failures", "A failure needs an item and an error.");
        }

        var old = topology.HostReports.GetValueOrDefault(report.Name);
        var now = new HostReport
        {
            Name = report.Name,
            ProjectId = "",
            Applied = report.Applied,
            Changes = report.Changes,
            ActivePorts = report.ActivePorts,
            ActiveRouters = report.ActiveRouters,
            ActiveFloatingIps = report.ActiveFloatingIps,
            ActiveInstances = report.ActiveInstances,
            Failures = report.Failures,
            CreatedAt = old?.CreatedAt ?? context.Now,
            UpdatedAt = old?.UpdatedAt ?? context.Now,
            RevisionNumber = old?.RevisionNumber ?? 0,
        };
        return now == old
            ? new Outcome<HostReport>(old, TopologyChange.None)
            : new Outcome<HostReport>(
                now, TopologyChange.None.Put(now with { UpdatedAt = context.Now, RevisionNumber = now.RevisionNumber + 1 }));
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= LongestName }
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        && name[0] != '.';

    private static bool IsWaiting(Port port) =>
        port is { HostId: null, DeviceOwner: DeviceOwner.Dhcp or DeviceOwner.RouterInterface or DeviceOwner.RouterGateway };
}
