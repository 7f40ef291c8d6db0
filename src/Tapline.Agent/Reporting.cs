using System.Collections.Immutable;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;

namespace Tapline.Agent;

/// <summary>What a host may say of itself: a resource is active when nothing of it is left to be done.</summary>
internal static class Reporting
{
    public static HostReport Of(string host, Topology topology, Revision revision, HostState seen, HostState wanted, ReconcileResult result)
    {
        var unfinished = HostDiff.Between(seen, wanted).Select(change => change.Owner).ToImmutableHashSet();
        var begun = wanted.Items.Values.Select(item => item.Owner).ToImmutableHashSet();
        bool IsDone(Resource resource) => begun.Contains(resource.Key.ToString()) && !unfinished.Contains(resource.Key.ToString());
        var ports = topology.Indexes.PortsByHost.Get(host).Select(id => topology.Ports[id])
            .Where(port => port.AdminStateUp && IsDone(port) && IsPlugged(port, seen));
        return new HostReport
        {
            Name = host,
            ProjectId = "",
            Applied = revision,
            Changes = result.Changes.Length,
            ActivePorts = ports.Select(port => port.Id).Order().ToValueList(),
            ActiveRouters = topology.Routers.Values.Where(IsDone).Select(router => router.Id).Order().ToValueList(),
            ActiveFloatingIps = topology.FloatingIps.Values.Where(IsDone).Select(fip => fip.Id).Order().ToValueList(),
            ActiveInstances = topology.Instances.Values.Where(IsDone).Select(instance => instance.Id).Order().ToValueList(),
            Failures = new([.. result.Failures]),
        };
    }

    /// <summary>A guest's port without its TAP is wired to nothing.</summary>
    private static bool IsPlugged(Port port, HostState seen) =>
        DeviceOwner.IsCloud(port.DeviceOwner)
        || seen.Find(new ItemKey(ItemKind.Link, "", Names.Tap(port.Id))) is HostItem.Link link && link.Master == Names.Qbr(port.Id);
}
