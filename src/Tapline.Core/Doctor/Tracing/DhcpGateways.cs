using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Gateways that the host's DHCP servers tell instances (dnsmasq's <c>option:router</c>).</summary>
internal static class DhcpGateways
{
    /// <summary>The one of that network; null where none is told.</summary>
    public static IpAddress? In(World world, IpPrefix network) => world.Seen.Processes.Where(process => process.Name == "dnsmasq")
        .SelectMany(process => process.Arguments.Concat(process.Files.SelectMany(file => file.Content.Split('\n'))))
        .Where(line => line.Contains("option:router", StringComparison.Ordinal))
        .Select(line => IpAddress.TryParse(line.Split(',')[^1].Trim(), out var gateway) ? gateway : default(IpAddress?))
        .FirstOrDefault(gateway => gateway is { } found && network.Contains(found));
}
