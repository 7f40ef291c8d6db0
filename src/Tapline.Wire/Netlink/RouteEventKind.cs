namespace Tapline.Wire.Netlink;

/// <summary>What a <see cref="RouteEvent"/> is about.</summary>
public enum RouteEventKind
{
    Link,
    Address,
    Route,
    Neighbour,

    /// <summary>Notifications were lost: read everything anew.</summary>
    Overrun,
}
