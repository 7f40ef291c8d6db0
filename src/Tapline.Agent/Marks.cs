using Tapline.Core.Host;
using Tapline.Wire.Netlink;

namespace Tapline.Agent;

/// <summary>How Tapline knows its own objects on a host (docs/design.md).</summary>
internal static class Marks
{
    /// <summary>The group of the links that Tapline made: theirs at birth, when the kernel takes no alias.</summary>
    public const uint LinkGroup = 0x7a91;

    /// <summary>In Open vSwitch's external_ids, with the resource as value.</summary>
    public const string ExternalId = "tapline";

    /// <summary>The name of Tapline's nftables tables: what is in them is Tapline's.</summary>
    public const string Table = "tapline";

    /// <summary>For items whose place alone tells that they are Tapline's.</summary>
    public const string ByPlace = "tapline";

    /// <summary>The resource that a link serves; <see cref="ByPlace"/> if its maker was stopped before it could say; empty if it is not ours.</summary>
    public static string OwnerOf(LinkInfo link) =>
        link.Alias?.StartsWith(OwnMarks.Alias, StringComparison.Ordinal) == true ? link.Alias[OwnMarks.Alias.Length..] : link.Group == LinkGroup ? ByPlace : "";
}
