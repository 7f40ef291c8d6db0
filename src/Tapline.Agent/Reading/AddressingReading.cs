using System.Net;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>Addresses, routes, rules and neighbours in the observation's words.</summary>
internal static class AddressingReading
{
    private const uint HopIsDead = 1; // RTNH_F_DEAD: also set where the carrier counts and is missing
    private const uint HopIsOnLink = 4;
    private static readonly string[] RouteTypes =
        ["unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat"];

    public static ObservedAddress Address(AddressInfo address, string device) => new(
        device, new IpPrefix(IpAddress.From(address.Address), address.PrefixLength),
        address.Scope switch { 0 => "global", 200 => "site", 253 => "link", 254 => "host", var other => other.ToString() }, address.IsUsable);

    public static ObservedRoute Route(RouteInfo route, bool? usesOwnGateway, Func<int, string> nameOf) => new()
    {
        Table = route.Table,
        Type = route.Type < RouteTypes.Length ? RouteTypes[route.Type] : route.Type.ToString(),
        Destination = new IpPrefix(IpAddress.From(route.Destination), route.PrefixLength),
        NextHops = route.Type is >= 6 and <= 9 ? [] : Hops(route, usesOwnGateway, nameOf),
        Metric = route.Metric,
        Tos = route.Tos,
        PreferredSource = Known(route.PreferredSource),
        Protocol = ProtocolName(route.Protocol),
        Mtu = route.Mtu,
        From = route.Source is { } source && route.SourcePrefixLength > 0 ? new IpPrefix(IpAddress.From(source), route.SourcePrefixLength) : null,
        Other = route.EncapsulationType == 0 ? null : $"encap {route.EncapsulationType}",
    };

    public static ObservedRule Rule(RuleInfo rule) => new()
    {
        IsV6 = rule.IsV6,
        Priority = rule.Priority,
        Action = rule.Action switch
        {
            1 => "lookup",
            2 => "goto",
            3 => "nop",
            6 => "blackhole",
            7 => "unreachable",
            8 => "prohibit",
            var other => other.ToString(),
        },
        Table = rule.Table,
        GotoPriority = rule.GotoPriority,
        From = rule.Source is { } source ? new IpPrefix(IpAddress.From(source), rule.SourcePrefixLength) : null,
        To = rule.Destination is { } destination ? new IpPrefix(IpAddress.From(destination), rule.DestinationPrefixLength) : null,
        In = rule.InputLink,
        Out = rule.OutputLink,
        Mark = rule.Mark,
        Mask = rule.Mask,
        Tos = rule.Tos,
        IpProtocol = rule.IpProtocol,
        SourcePorts = Ports(rule.SourcePorts),
        DestinationPorts = Ports(rule.DestinationPorts),
        Invert = rule.Invert,
        SuppressPrefixLength = rule.SuppressPrefixLength,
        Other = rule.OtherConditions is { Count: > 0 } others ? string.Join(", ", others.Select(ConditionName)) : null,
    };

    public static ObservedNeighbour Neighbour(NeighbourInfo neighbour, string device) => new(
        device, IpAddress.From(neighbour.Address), neighbour.Mac is { Length: 6 } mac ? MacAddress.FromBytes(mac) : null,
        StateName(neighbour.State), neighbour.IsProxy);

    private static ValueList<NextHop> Hops(RouteInfo route, bool? usesOwnGateway, Func<int, string> nameOf) =>
        route.NextHops is { } several ? several.Select(hop => Hop(hop.Gateway, hop.LinkIndex, hop.Flags, nameOf)).ToValueList()
        : route.LinkIndex == 0 ? []
        : [Hop(route.Gateway, route.LinkIndex, route.Flags, nameOf) with { UsesOwnGateway = usesOwnGateway }];

    private static NextHop Hop(IPAddress? gateway, int link, uint flags, Func<int, string> nameOf) =>
        new(Known(gateway), nameOf(link), (flags & HopIsDead) == 0, (flags & HopIsOnLink) != 0);

    private static IpAddress? Known(IPAddress? address) => address is null ? null : IpAddress.From(address);

    private static ObservedPorts? Ports((int First, int Last)? range) => range is var (first, last) ? new ObservedPorts(first, last) : null;

    /// <summary>FRA_* of linux/fib_rules.h.</summary>
    private static string ConditionName(ushort number) => number switch
    {
        12 => "tun_id",
        13 => "suppress_ifgroup",
        19 => "l3mdev",
        20 => "uidrange",
        25 => "dscp",
        26 => "flowlabel",
        _ => $"condition {number}",
    };

    /// <summary>As /etc/iproute2/rt_protos has them.</summary>
    private static string ProtocolName(byte number) => number switch
    {
        0 => "unspec",
        1 => "redirect",
        2 => "kernel",
        3 => "boot",
        4 => "static",
        9 => "ra",
        16 => "dhcp",
        _ => number.ToString(),
    };

    private static string StateName(NeighbourState state) => state switch
    {
        NeighbourState.None => "none",
        NeighbourState.Incomplete => "incomplete",
        NeighbourState.Reachable => "reachable",
        NeighbourState.Stale => "stale",
        NeighbourState.Delay => "delay",
        NeighbourState.Probe => "probe",
        NeighbourState.Failed => "failed",
        NeighbourState.NoArp => "noarp",
        NeighbourState.Permanent => "permanent",
        _ => state.ToString().ToLowerInvariant(),
    };
}
