using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>OpenStack's names for host objects: a prefix and the first 11 characters of the id (Linux allows 15 in all).</summary>
public static class Names
{
    public const string IntegrationBridge = "br-int";

    private const int LongestName = 15;
    private const int HashDigits = 6;

    public static string Tap(Id<Port> port) => "tap" + port.Short;

    public static string Qbr(Id<Port> port) => "qbr" + port.Short;

    public static string Qvb(Id<Port> port) => "qvb" + port.Short;

    public static string Qvo(Id<Port> port) => "qvo" + port.Short;

    /// <summary>The router's leg in a tenant network, inside its namespace.</summary>
    public static string Qr(Id<Port> port) => "qr-" + port.Short;

    /// <summary>The router's leg in the external network, inside its namespace.</summary>
    public static string Qg(Id<Port> port) => "qg-" + port.Short;

    /// <summary>The switch's end of the veth pair whose other end is a router's or DHCP server's leg.</summary>
    public static string SwitchEnd(string leg) => leg.StartsWith("tap", StringComparison.Ordinal) ? "odh-" + leg[3..] : "o" + leg;

    public static string RouterNamespace(Id<Router> router) => "qrouter-" + router;

    public static string DhcpNamespace(Id<Network> network) => "qdhcp-" + network;

    public static string InstanceNamespace(Id<Instance> instance) => "instance-" + instance;

    /// <summary>br-int's end of the patch to a provider bridge.</summary>
    public static string PatchOfIntegration(string bridge) => Patch("int-", bridge);

    /// <summary>The provider bridge's end.</summary>
    public static string PatchOfProvider(string bridge) => Patch("phy-", bridge);

    /// <summary>Names that are too long end in a hash, as Neutron's do: those of two bridges may begin alike.</summary>
    private static string Patch(string prefix, string bridge) =>
        prefix.Length + bridge.Length <= LongestName ? prefix + bridge
            : prefix + bridge[..(LongestName - HashDigits - prefix.Length)] + ContentHash.Text(bridge)[..HashDigits];
}
