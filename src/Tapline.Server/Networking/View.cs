using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Networking;

/// <summary>One Topology through one caller's eyes, with the statuses that the hosts' reports give.</summary>
internal sealed class View(Topology topology, Scope scope)
{
    private readonly Dictionary<string, HashSet<Id<Port>>> _activePorts = [];

    public Topology Topology => topology;

    public Scope Scope => scope;

    /// <summary>Wired from end to end on the host it is bound to. The helper ports of floating IPs are wired nowhere.</summary>
    public string StatusOf(Port port) => port.DeviceOwner == DeviceOwner.FloatingIp ? "N/A"
        : port is { AdminStateUp: true, HostId: { } host } && ActivePorts(host).Contains(port.Id) ? "ACTIVE"
        : "DOWN";

    /// <summary>Translated by the host that its router is on.</summary>
    public string StatusOf(FloatingIp floatingIp) => floatingIp.RouterId is { } router
        && topology.Routers.GetValueOrDefault(router)?.GatewayPortId is { } gateway
        && topology.Ports.GetValueOrDefault(gateway)?.HostId is { } host
        && topology.HostReports.TryGetValue(host, out var report)
        && report.ActiveFloatingIps.Contains(floatingIp.Id)
            ? "ACTIVE"
            : "DOWN";

    public string StatusOf(Instance instance) =>
        topology.HostReports.TryGetValue(instance.HostId, out var report) && report.ActiveInstances.Contains(instance.Id)
            ? "ACTIVE"
            : "BUILD";

    private HashSet<Id<Port>> ActivePorts(string host)
    {
        if (!_activePorts.TryGetValue(host, out var active))
        {
            active = topology.HostReports.TryGetValue(host, out var report) ? [.. report.ActivePorts] : [];
            _activePorts[host] = active;
        }

        return active;
    }
}
