using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>An address of a device.</summary>
/// <param name="Device">Whose.</param>
/// <param name="Prefix">Host bits kept.</param>
/// <param name="Scope"><c>global</c>, <c>link</c> or <c>host</c>.</param>
/// <param name="Usable">Not tentative, not a duplicate.</param>
public sealed record ObservedAddress(string Device, IpPrefix Prefix, string Scope, bool Usable);

/// <summary>A route of any table.</summary>
public sealed record ObservedRoute
{
    /// <summary>254 main, 255 local, 253 default.</summary>
    public required int Table { get; init; }

    /// <summary>As <c>ip route</c> has it: <c>unicast</c>, <c>local</c>, <c>broadcast</c>, <c>unreachable</c>, <c>blackhole</c>, <c>prohibit</c>, <c>throw</c> …</summary>
    public required string Type { get; init; }

    /// <summary>0.0.0.0/0 or ::/0 for a default route.</summary>
    public required IpPrefix Destination { get; init; }

    /// <summary>Several for a multipath route; none for routes that lead nowhere.</summary>
    public ValueList<NextHop> NextHops { get; init; }

    public int Metric { get; init; }

    /// <summary>Only for this type of service; 0 for any.</summary>
    public int Tos { get; init; }

    public IpAddress? PreferredSource { get; init; }

    /// <summary><c>kernel</c>, <c>boot</c>, <c>static</c>, <c>dhcp</c>, or a number.</summary>
    public string Protocol { get; init; } = "";

    /// <summary><c>mtu</c> of the route; null for the device's.</summary>
    public int? Mtu { get; init; }

    /// <summary>Only for packets from here (IPv6 alone has that).</summary>
    public IpPrefix? From { get; init; }

    /// <summary>What is not taken apart (an encapsulation); a route that has some is not judged.</summary>
    public string? Other { get; init; }
}

/// <summary>Where a route leads.</summary>
/// <param name="Via">Null where the destination itself is the neighbour.</param>
/// <param name="Device">The device to leave by.</param>
/// <param name="Usable">Neither dead nor, where that counts, without carrier.</param>
/// <param name="OnLink">The gateway is taken to be on the link whatever the addresses say.</param>
public sealed record NextHop(IpAddress? Via, string Device, bool Usable, bool OnLink)
{
    /// <summary>
    /// Of a gateway that is the namespace's own address: whether packets are sent to it all the same. They are where the route is older than
    /// the address; else the destination itself is the neighbour (net/ipv4/fib_semantics.c, nhc_scope). Null where nobody asked the kernel.
    /// </summary>
    public bool? UsesOwnGateway { get; init; }
}

/// <summary>A policy rule: which table for which packets.</summary>
public sealed record ObservedRule
{
    public required bool IsV6 { get; init; }

    public required int Priority { get; init; }

    /// <summary><c>lookup</c>, <c>goto</c>, <c>nop</c>, <c>blackhole</c>, <c>unreachable</c> or <c>prohibit</c>.</summary>
    public required string Action { get; init; }

    public int Table { get; init; }

    public int GotoPriority { get; init; }

    public IpPrefix? From { get; init; }

    public IpPrefix? To { get; init; }

    public string? In { get; init; }

    public string? Out { get; init; }

    public uint? Mark { get; init; }

    public uint Mask { get; init; } = uint.MaxValue;

    /// <summary>Type of service; 0 for any.</summary>
    public int Tos { get; init; }

    /// <summary>The IP protocol's number; null for any.</summary>
    public int? IpProtocol { get; init; }

    public ObservedPorts? SourcePorts { get; init; }

    public ObservedPorts? DestinationPorts { get; init; }

    public bool Invert { get; init; }

    /// <summary>What finds only a route as short as this goes on with the next rule; null for none.</summary>
    public int? SuppressPrefixLength { get; init; }

    /// <summary>Conditions of the rule that are not taken apart (uid, tun id …); a rule that has some is not judged.</summary>
    public string? Other { get; init; }
}

/// <summary>A range of ports, both ends in it.</summary>
public sealed record ObservedPorts(int First, int Last);

/// <summary>What a namespace knows of a neighbour's hardware address.</summary>
/// <param name="Device">On which link.</param>
/// <param name="Address">The neighbour.</param>
/// <param name="Mac">Null while it is not known.</param>
/// <param name="State"><c>reachable</c>, <c>stale</c>, <c>delay</c>, <c>probe</c>, <c>failed</c>, <c>incomplete</c>, <c>permanent</c>, <c>noarp</c>.</param>
/// <param name="Proxy">The namespace answers for that address on this link.</param>
public sealed record ObservedNeighbour(string Device, IpAddress Address, MacAddress? Mac, string State, bool Proxy);

/// <summary>A forwarding entry of a Linux bridge.</summary>
/// <param name="Bridge">Whose.</param>
/// <param name="Port">Where the address is; the bridge's own name for its own.</param>
/// <param name="Mac">The address.</param>
/// <param name="Vlan">Null outside VLAN filtering.</param>
/// <param name="Local">Frames to it climb into the host.</param>
/// <param name="Static">Never moves, never ages.</param>
public sealed record ObservedFdbEntry(string Bridge, string Port, MacAddress Mac, int? Vlan, bool Local, bool Static);
