using Tapline.Core.Model;

namespace Tapline.Core.Rules;

/// <summary>On which host the helper ports (DHCP, router) are: the first by name, as long as there is one gateway host.</summary>
public static class Placement
{
    public static string? FirstHost(Topology topology) => topology.Hosts.Keys.Min(StringComparer.Ordinal);

    /// <summary>Puts helper ports on a host that were made before there was one.</summary>
    public static void PlaceWaiting(Draft draft)
    {
        if (FirstHost(draft.Topology) is not { } host)
        {
            return;
        }

        foreach (var port in draft.Topology.Ports.Values.Where(IsWaiting).ToList())
        {
            draft.Put(port with { HostId = host });
        }
    }

    private static bool IsWaiting(Port port) =>
        port.HostId is null && port.DeviceOwner is DeviceOwner.Dhcp or DeviceOwner.RouterInterface or DeviceOwner.RouterGateway;
}
