namespace Tapline.Wire.Netlink;

/// <summary>IPS_* of linux/netfilter/nf_conntrack_common.h, as far as they are of use.</summary>
[Flags]
public enum ConntrackStatus : uint
{
    None = 0,
    Expected = 1 << 0,
    SeenReply = 1 << 1,
    Assured = 1 << 2,
    Confirmed = 1 << 3,
    SourceNat = 1 << 4,
    DestinationNat = 1 << 5,
    Dying = 1 << 9,
}
