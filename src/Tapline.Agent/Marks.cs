namespace Tapline.Agent;

/// <summary>How Tapline knows its own objects on a host (docs/design.md).</summary>
internal static class Marks
{
    /// <summary>In a link's alias, before the resource it serves.</summary>
    public const string Alias = "tapline:";

    /// <summary>In Open vSwitch's external_ids, with the resource as value.</summary>
    public const string ExternalId = "tapline";

    /// <summary>The routing protocol number of Tapline's routes; unassigned in the kernel's and iproute2's lists.</summary>
    public const byte RouteProtocol = 211;

    /// <summary>The name of Tapline's nftables tables: what is in them is Tapline's.</summary>
    public const string Table = "tapline";

    /// <summary>For items whose place alone tells that they are Tapline's.</summary>
    public const string ByPlace = "tapline";
}
