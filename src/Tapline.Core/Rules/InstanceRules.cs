using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Tapline's own guests: create with their ports, delete with those that were made for them.</summary>
public static class InstanceRules
{
    public static Instance? Create(Draft draft, InstanceRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        var host = HostFor(draft, request.HostId.Or(null));
        var id = draft.Context.NewId<Instance>();
        var given = request.PortIds.Select(port => Take(draft, port, id, host)).ToList();
        var wanted = request.NewPorts.Concat(request.NetworkIds.Select(network => OnNetwork(network, request)));
        var made = wanted.Select(port => Make(draft, port with { ProjectId = project }, id, host)).ToList();
        if (request.PortIds.Distinct().Count() < request.PortIds.Count)
        {
            draft.Reject(Rejection.BadValue("port_ids", "the same port twice"));
        }

        if (draft.IsRefused || host is null)
        {
            return null;
        }

        var own = made.OfType<Port>().Select(port => port.Id).ToValueList();
        return draft.Put(new Instance
        {
            Id = id,
            ProjectId = project,
            Name = request.Name.Or(""),
            Description = request.Description.Or(""),
            HostId = host,
            PortIds = [.. given.OfType<Port>().Select(port => port.Id), .. own],
            OwnPortIds = own,
        });
    }

    public static Instance? Delete(Draft draft, Id<Instance> id)
    {
        var found = draft.Topology.Instances.GetValueOrDefault(id);
        var instance = draft.Owned(found, "delete_instance", () => NotFound.Instance(id.ToString()));
        if (draft.IsRefused || instance is null)
        {
            return null;
        }

        draft.Remove(instance);
        foreach (var port in instance.PortIds.Select(port => draft.Topology.Ports.GetValueOrDefault(port)).OfType<Port>())
        {
            if (instance.OwnPortIds.Contains(port.Id))
            {
                PortRules.Remove(draft, port);
            }
            else
            {
                draft.Put(port with { DeviceId = "", DeviceOwner = "", HostId = null });
            }
        }

        return instance;
    }

    private static string? HostFor(Draft draft, string? asked)
    {
        var host = asked ?? Placement.FirstHost(draft.Topology);
        if (host is null || !draft.Topology.Hosts.ContainsKey(host))
        {
            draft.Reject(host is null
                ? Rejection.Conflict("NoHost", "No host has registered yet: start an agent first.")
                : Rejection.BadValue("host_id", $"there is no host '{host}'"));
            return null;
        }

        return host;
    }

    private static Port? Take(Draft draft, Id<Port> id, Id<Instance> instance, string? host)
    {
        if (draft.FindPort(id) is not { } port)
        {
            return null;
        }

        draft.RequireOwner(port, "create_instance:port_ids");
        if (port.DeviceId.Length > 0 || DeviceOwner.IsHelper(port.DeviceOwner))
        {
            draft.Reject(Rejection.Conflict("PortInUse", $"Unable to complete operation on port {id} for network {port.NetworkId}. Port "
                + $"already has an attached device {port.DeviceId}."));
        }

        return draft.IsRefused ? null : Plugged(draft, port, instance, host);
    }

    private static PortRequest OnNetwork(Id<Network> network, InstanceRequest request) =>
        new() { NetworkId = network, SecurityGroups = request.SecurityGroups };

    private static Port? Make(Draft draft, PortRequest request, Id<Instance> instance, string? host) =>
        PortRules.Create(draft, request) is { } port ? Plugged(draft, port, instance, host) : null;

    /// <summary>The binding is the cloud's own doing here: no right of the user's is asked for.</summary>
    private static Port Plugged(Draft draft, Port port, Id<Instance> instance, string? host) =>
        draft.Put(port with { DeviceId = instance.ToString(), DeviceOwner = DeviceOwner.Instance, HostId = host });
}
