using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Whether the host itself forwards, which it has to only where it routes for an external network.</summary>
internal static class ForwardingChecks
{
    public static IEnumerable<HostFinding> Of(Observation seen)
    {
        if (seen.Namespace("") is not { } host || host.Sysctl("net/ipv4/ip_forward") is not { } value)
        {
            yield break;
        }

        var routed = RoutedBridge(seen, host);
        yield return new HostFinding
        {
            Code = "host.forwarding",
            Level = value == "1" || routed is null ? FindingLevel.Ok : FindingLevel.Bad,
            Subject = "ip_forward",
            Read = $"sysctl net.ipv4.ip_forward = {value}{(routed is null ? "" : $", and the host has an address on {routed}")}",
            Why = routed is null
                ? "routers forward in namespaces of their own; the host has to only for an external network that it routes itself"
                : $"instances reach the outside through the host, which {routed} leads them to",
            Fix = value == "1" || routed is null ? null : HostFitness.OnHost("lets the host pass on what instances send", "sysctl -w net.ipv4.ip_forward=1"),
        };
    }

    /// <summary>A provider bridge without a NIC that the host has an address on: it is the gateway of what hangs there.</summary>
    private static string? RoutedBridge(Observation seen, ObservedNamespace host) =>
        (seen.Switch?.Bridges ?? []).FirstOrDefault(bridge => bridge.Name is not ("br-int" or "br-tun")
            && bridge.Ports.Any(port => port.Interfaces.Any(device => device.Type == "patch"))
            && bridge.Ports.All(port => port.Interfaces.All(device => device.Type.Length > 0))
            && host.Addresses.Any(address => address.Device == bridge.Name && !address.Prefix.Address.IsLinkLocal))?.Name;
}
