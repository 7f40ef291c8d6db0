namespace Tapline.Wire.Netlink;

/// <summary>One change of links, addresses, routes or neighbours; the member of its kind is set.</summary>
public sealed record RouteEvent(RouteEventKind Kind)
{
    public bool Deleted { get; init; }

    /// <summary>For links; the name it has after the change.</summary>
    public string? LinkName => Link?.Name;

    public int LinkIndex => Link?.Index ?? Address?.LinkIndex ?? Route?.LinkIndex ?? Neighbour?.LinkIndex ?? 0;

    /// <summary>May be sparse: a port joining or leaving its bridge is told with few attributes.</summary>
    public LinkInfo? Link { get; init; }

    public AddressInfo? Address { get; init; }

    public RouteInfo? Route { get; init; }

    public NeighbourInfo? Neighbour { get; init; }
}
