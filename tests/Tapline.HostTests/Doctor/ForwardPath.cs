using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.HostTests.Doctor;

/// <summary>What the evaluator says of a packet that a <see cref="RouterBed"/> is to forward.</summary>
internal static class ForwardPath
{
    private static readonly ValueList<IpAddress> Own = [IpAddress.Parse("10.1.0.1"), IpAddress.Parse("10.2.0.1")];

    /// <summary>As <see cref="RouterBed"/> lays it out.</summary>
    private static readonly ObservedNamespace Router = new()
    {
        Name = "router",
        Routes =
        [
            Route(255, "local", "10.1.0.1/32", RouterBed.Left), Route(255, "local", "10.2.0.1/32", RouterBed.Right),
            Route(255, "broadcast", "10.1.255.255/32", RouterBed.Left), Route(255, "broadcast", "10.2.255.255/32", RouterBed.Right),
            Route(254, "unicast", "10.1.0.0/16", RouterBed.Left), Route(254, "unicast", "10.2.0.0/16", RouterBed.Right),
        ],
    };

    /// <summary>By hook, until one does not pass it on.</summary>
    public static (FilterResult Result, HookPoint Last, string? Out) Run(Ruleset ruleset, ConnectionTable connections, string device, Packet packet)
    {
        var context = new FilterContext
        {
            Packet = packet,
            Family = "ip",
            Hook = HookPoint.Prerouting,
            In = device,
            InAddresses = [AddressOf(device)],
            LocalAddresses = Own,
            BroadcastAddresses = [IpAddress.Parse("10.1.255.255"), IpAddress.Parse("10.2.255.255")],
            Routes = query => RouteLookup.Find(Router, query),
            Connections = connections,
        };
        var result = HookRun.Run(ruleset, context);
        if (result.Fate != FilterFate.Accept)
        {
            return (result, HookPoint.Prerouting, null);
        }

        if (Own.Contains(result.Packet.Destination))
        {
            return (HookRun.Run(ruleset, Next(context, result, HookPoint.Input) with { Out = null, NextHop = result.Packet.Destination }), HookPoint.Input, null);
        }

        var leaves = result.Packet.Destination.Bits >> 16 == IpAddress.Parse("10.1.0.0").Bits >> 16 ? RouterBed.Left : RouterBed.Right;
        var forwarded = HookRun.Run(ruleset, Next(context, result, HookPoint.Forward) with
        {
            Packet = result.Packet with { TimeToLive = result.Packet.TimeToLive - 1 },
            Out = leaves,
            NextHop = result.Packet.Destination,
        });
        if (forwarded.Fate != FilterFate.Accept)
        {
            return (forwarded, HookPoint.Forward, leaves);
        }

        var sent = Next(context, forwarded, HookPoint.Postrouting) with { Out = leaves, NextHop = result.Packet.Destination, OutAddresses = [AddressOf(leaves)] };
        return (HookRun.Run(ruleset, sent), HookPoint.Postrouting, leaves);
    }

    private static FilterContext Next(FilterContext context, FilterResult result, HookPoint hook) => context with
    {
        Hook = hook,
        Packet = result.Packet,
        Tracking = result.Tracking,
        Connections = result.Connections,
    };

    private static ObservedRoute Route(int table, string type, string destination, string device) =>
        new() { Table = table, Type = type, Destination = IpPrefix.Parse(destination), NextHops = [new NextHop(null, device, true, false)] };

    private static IpAddress AddressOf(string device) => Own[device == RouterBed.Left ? 0 : 1];
}
