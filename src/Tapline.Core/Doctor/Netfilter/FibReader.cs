using Tapline.Core.Doctor.Routing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>
/// What nftables' <c>fib</c> and iptables' <c>rpfilter</c> ask the routes (net/ipv4/netfilter, nft_fib_ipv4.c and ipt_rpfilter.c).
/// </summary>
internal static class FibReader
{
    /// <summary>Behind a field's name: it is compared with <c>exists</c> or <c>missing</c>.</summary>
    public const string Presence = " present";

    private static readonly IpAddress Everyone = IpAddress.Parse("255.255.255.255");

    /// <summary>The field that <c>-m rpfilter</c> compares.</summary>
    public static string ReversePath(IEnumerable<RuleOption> options) =>
        string.Join(' ', options.Select(option => option.Name).Where(name => name is "--loose" or "--validmark" or "--accept-local").Prepend("fib rpfilter"));

    public static Reading Read(string name, WalkState state)
    {
        var isPresence = name.EndsWith(Presence, StringComparison.Ordinal);
        var words = (isPresence ? name[..^Presence.Length] : name).Split([' ', '.'], StringSplitOptions.RemoveEmptyEntries);
        return (words, state) switch
        {
            (["daddr", "type"], { Packet.IsIp: true }) => Type(state.Packet.Destination, state.Context),
            (["saddr", "type"], { Packet.IsIp: true }) => Type(state.Packet.Source, state.Context),
            ([.. var flags, "oif" or "oifname"], { Packet: { IsIp: true, IsV6: false }, Context.Routes: { } routes }) => Device(flags, routes, state) switch
            {
                (_, { } unknown) => Reading.Unknown(unknown),
                var (found, _) => isPresence ? Reading.Of(found is not null) : Reading.Of(found ?? ""),
            },
            (["rpfilter", .. var options], { Packet: { IsIp: true, IsV6: false }, Context.Routes: { } routes }) => ReversePath(options, routes, state) switch
            {
                (_, { } unknown) => Reading.Unknown(unknown),
                var (isValid, _) => Reading.Of(isValid),
            },
            _ => Reading.Unknown("fib " + name),
        };
    }

    /// <summary>RTN_* of linux/rtnetlink.h; the kernel asks the local table alone, so what is nothing else is unicast.</summary>
    private static Reading Type(IpAddress address, FilterContext context)
    {
        const int Unicast = 1, Local = 2, Broadcast = 3, Multicast = 5;
        return address switch
        {
            _ when context.LocalAddresses.Contains(address) || address.IsLoopback => Reading.Of(Local),
            { IsMulticast: true } => Reading.Of(Multicast),
            { IsV6: false, Bits: var bits } when bits == 0xffff_ffff || bits >> 24 == 0 => Reading.Of(Broadcast),
            _ when context.BroadcastAddresses.Contains(address) => Reading.Of(Broadcast),
            _ => Reading.Of(Unicast),
        };
    }

    /// <summary>The device that a route to the packet's source, or destination, leads to; with a flag for a device, that one if it is among them.</summary>
    private static (string? Found, string? Unknown) Device(string[] flags, Func<RouteQuery, RouteAnswer> routes, WalkState state)
    {
        var isOfSource = flags.Contains("saddr");
        var wanted = flags.Contains("oif") ? state.Out : flags.Contains("iif") ? state.In : null;
        if (IsTakenAsRight(state))
        {
            return (state.In, null);
        }

        var isTurned = isOfSource && flags.Contains("iif") && state.Context.Hook == HookPoint.Forward;
        var answer = routes(Query(state.Packet, isOfSource, isTurned ? state.Out : null, flags.Contains("mark")));
        var devices = answer.Type is "unicast" or "broadcast" or "multicast" ? DevicesOf(answer) : [];
        return answer.Unknown is { } unknown && (wanted is null || devices.Count == 0) ? (null, unknown)
            : (wanted is null ? devices.FirstOrDefault() : devices.Find(device => device == wanted), null);
    }

    /// <summary>Whether the packet came by the device that a packet to its source would leave by.</summary>
    private static (bool IsValid, string? Unknown) ReversePath(string[] options, Func<RouteQuery, RouteAnswer> routes, WalkState state)
    {
        if (IsTakenAsRight(state))
        {
            return (true, null);
        }

        var answer = routes(Query(state.Packet, isOfSource: true, null, options.Contains("--validmark")));
        var isAllowed = answer.Type == "unicast" || (answer.Type == "local" && options.Contains("--accept-local"));
        return DevicesOf(answer) is [] && answer.Unknown is { } unknown ? (false, unknown)
            : (isAllowed && (options.Contains("--loose") || DevicesOf(answer).Exists(device => device == state.In)), null);
    }

    /// <summary>What the namespace sends to itself, and who has no address yet and asks all.</summary>
    private static bool IsTakenAsRight(WalkState state) =>
        (state.Context.Hook == HookPoint.Prerouting && state.In == "lo")
        || (state.Packet.Source.IsUnspecified && (state.Packet.Destination == Everyone || state.Packet.Destination.IsMulticast));

    private static RouteQuery Query(Packet packet, bool isOfSource, string? device, bool hasMark)
    {
        var (about, other) = isOfSource ? (packet.Source, packet.Destination) : (packet.Destination, packet.Source);
        return new RouteQuery(about, other.IsUnspecified || other.IsMulticast || other == Everyone ? null : other, device, hasMark ? packet.Mark : 0)
        {
            Tos = packet.Dscp << 2,
            Protocol = packet.Protocol,
        };
    }

    private static List<string> DevicesOf(RouteAnswer answer) => answer.Route is { } route ? [.. route.NextHops.Select(hop => hop.Device)] : [];
}
