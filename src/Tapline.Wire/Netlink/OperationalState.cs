namespace Tapline.Wire.Netlink;

/// <summary>IF_OPER_* of linux/if.h, after RFC 2863.</summary>
public enum OperationalState : byte
{
    Unknown = 0,
    NotPresent = 1,
    Down = 2,
    LowerLayerDown = 3,
    Testing = 4,
    Dormant = 5,
    Up = 6,
}
