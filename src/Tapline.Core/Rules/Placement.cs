using Tapline.Core.Model;

namespace Tapline.Core.Rules;

/// <summary>On which host the helper ports (DHCP, router) are: the first by name, as long as there is one gateway host.</summary>
public static class Placement
{
    public static string? FirstHost(Topology topology) => topology.Hosts.Keys.Min(StringComparer.Ordinal);
}
