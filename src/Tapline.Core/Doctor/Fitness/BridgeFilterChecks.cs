using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Whether the firewall sees what passes the ports' bridges.</summary>
internal static class BridgeFilterChecks
{
    private const string Keep = "echo br_netfilter > /etc/modules-load.d/br_netfilter.conf";

    public static IEnumerable<HostFinding> Of(Observation seen) =>
        seen.Namespace("") is { IsPartial: false } host ? [Of(host, "bridge-nf-call-iptables", "IPv4"), Of(host, "bridge-nf-call-ip6tables", "IPv6")] : [];

    private static HostFinding Of(ObservedNamespace host, string sysctl, string family)
    {
        var value = host.Sysctl($"net/bridge/{sysctl}");
        return new HostFinding
        {
            Code = "host.bridge-filter",
            Level = value == "1" ? FindingLevel.Ok : FindingLevel.Bad,
            Subject = sysctl,
            Read = value is null ? "/proc/sys/net/bridge is absent: br_netfilter is not loaded" : $"sysctl net.bridge.{sysctl} = {value}",
            Why = $"with it bridged {family} packets meet the firewall; else security groups are silently off for {family}",
            Fix = value switch
            {
                "1" => null,
                null => HostFitness.OnHost("loads it now and at each start; it has the firewall look at the frames of every bridge of this host", "modprobe br_netfilter", Keep),
                _ => HostFitness.OnHost("has the firewall look at the frames of every bridge of this host", $"sysctl -w net.bridge.{sysctl}=1"),
            },
        };
    }
}
