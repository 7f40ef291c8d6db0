using Tapline.Wire.Netlink;

namespace Tapline.Agent;

/// <summary>The kernel's notifications from the host's own namespace, as a reason to look again.</summary>
internal static class HostEvents
{
    public static IEnumerable<Task> Follow(LinuxHost host, Action<Aspects> wake, CancellationToken cancellationToken) =>
        [FollowDevicesAsync(wake, cancellationToken), FollowFirewallAsync(host, wake, cancellationToken)];

    private static async Task FollowDevicesAsync(Action<Aspects> wake, CancellationToken cancellationToken)
    {
        using var monitor = RouteMonitor.Open();
        await foreach (var change in monitor.EventsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Kind is RouteEventKind.Link or RouteEventKind.Overrun)
            {
                wake(Aspects.Devices);
            }
        }
    }

    /// <summary>Own transactions are told too, with the port of the socket that made them.</summary>
    private static async Task FollowFirewallAsync(LinuxHost host, Action<Aspects> wake, CancellationToken cancellationToken)
    {
        using var monitor = NftablesMonitor.Open();
        await foreach (var change in monitor.EventsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Kind == NftablesEventKind.Overrun || (change.Table == Marks.Table && change.PortId != host.FirewallPort))
            {
                wake(Aspects.Firewall);
            }
        }
    }
}
