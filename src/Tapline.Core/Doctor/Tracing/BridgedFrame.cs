using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>One frame's way through one bridge.</summary>
internal sealed class BridgedFrame(Walk walk, ObservedNamespace ns, ObservedLink bridge, Packet packet)
{
    private Packet _packet = packet;
    private Tracking? _tracking;

    /// <summary>As rules have left it.</summary>
    public Packet Packet => _packet;

    /// <summary>The port it came by; null for what the host sends through the bridge.</summary>
    public ObservedLink? From { get; init; }

    public Step OnlyTo(Hop hop, string port) =>
        port == From?.Name && From.BridgePort is not { Hairpin: true }
            ? Step.Lost(hop, BridgeFaults.BackToSender(ns.Name, bridge, From, _packet))
            : walk.World.Link(ns.Name, port) is { } link && link.Master == bridge.Name && MayLeave(link)
                ? ByPort(hop, link, flooded: false)
                : Step.Lost(hop, BridgeFaults.WrongEntry(ns.Name, bridge, port, _packet));

    public Step Flooded(Hop hop)
    {
        var ports = walk.World.PortsOf(ns.Name, bridge.Name).Where(link => link != From || link.BridgePort is { Hairpin: true })
            .Where(link => MayLeave(link) && TakesFloods(link)).ToList();
        var steps = ports.Select(port => ByPort(hop, port, flooded: true)).ToList();
        if (From is not null && BridgeStep.Multicast(_packet))
        {
            steps.Add(Up(hop));
        }

        return steps is [] || (ports is [] && From is not null)
            ? Step.Lost(hop, BridgeFaults.NobodyElse(walk.World, ns, bridge, From, _packet))
            : new Step([],
                [.. steps.SelectMany(step => step.Onward.Select(onward => onward with { Hops = [.. step.Hops, .. onward.Hops] }))],
                [.. steps.SelectMany(step => step.Ends.Select(end => end with { Hops = [.. step.Hops, .. end.Hops] }))]);
    }

    /// <summary>To the host's own stack.</summary>
    public Step Up(Hop hop)
    {
        if (AtBridge(HookPoint.Input, hop, null) is { } refused)
        {
            return refused;
        }

        var step = StackStep.Arrive(walk, hop, ns, bridge, _packet);
        return step;
    }

    /// <summary>Null where the hook lets it pass: bridge family chains first (they run at other priorities than br_netfilter's 0), then IP's or ARP's.</summary>
    public Step? AtBridge(HookPoint hook, Hop hop, ObservedLink? to)
    {
        var atBridge = new FilterContext
        {
            Packet = _packet,
            Family = "bridge",
            Bridge = bridge.Name,
            Hook = hook,
            In = From?.Name ?? (hook == HookPoint.Output ? null : bridge.Name),
            Out = to?.Name ?? (hook == HookPoint.Input ? bridge.Name : null),
            PacketType = PacketType(),
        };
        if (Judge(hop, atBridge).Refused is { } refused)
        {
            return refused;
        }

        return hook is HookPoint.Input or HookPoint.Output ? null : AtNetwork(hook, hop, to);
    }

    private Step? AtNetwork(HookPoint hook, Hop hop, ObservedLink? to)
    {
        if (!CallsNetfilter() || (_packet.IsArp && hook != HookPoint.Forward))
        {
            return null;
        }

        var context = new FilterContext
        {
            Packet = _packet,
            Family = Hooks.FamilyOf(_packet),
            Hook = hook,
            In = hook == HookPoint.Postrouting ? null : bridge.Name,
            Out = hook == HookPoint.Prerouting ? null : bridge.Name,
            PhysicalIn = From?.Name,
            PhysicalOut = to?.Name,
            NextHop = hook == HookPoint.Prerouting || _packet.IsArp ? null : _packet.Destination, // the bridge's own fake route has no gateway (bridge_parent_rtable)
            PacketType = PacketType(),
            Tracking = _tracking,
        };
        var (refused, result) = Judge(hop, context);
        if (refused is not null || hook != HookPoint.Prerouting || context.Packet.Destination == _packet.Destination)
        {
            return refused;
        }

        _packet = _packet with { EtherDestination = bridge.Mac };
        return BridgedTranslation.Ended(hop, ns, bridge, context, result);
    }

    private Step ByPort(Hop hop, ObservedLink port, bool flooded)
    {
        var copy = new BridgedFrame(walk, ns, bridge, _packet) { From = From, _tracking = _tracking };
        return copy.Forwarded(hop, port, flooded);
    }

    private Step Forwarded(Hop hop, ObservedLink port, bool flooded)
    {
        if (AtBridge(From is null ? HookPoint.Output : HookPoint.Forward, hop, port) is { } refused)
        {
            return refused;
        }

        if (From is not null && TooBig(port))
        {
            return Step.Lost(hop, LinkFaults.TooBig(ns.Name, port, _packet));
        }

        return AtBridge(HookPoint.Postrouting, hop, port)
            ?? Step.To(hop with { Detail = flooded ? $"floods to {port.Name}" : $"to {port.Name}" }, new Position.Leaving(ns.Name, port.Name, _packet));
    }

    /// <summary>br_netfilter fragments what may be, and drops the rest; a bare bridge leaves room for one tag.</summary>
    private bool TooBig(ObservedLink port) => _packet.IsIp && CallsNetfilter()
        ? _packet.Length > port.Mtu && (_packet.DontFragment || _packet.IsV6)
        : _packet.Length > port.Mtu + 4;

    private bool MayLeave(ObservedLink port) => port.Up
        && port.BridgePort is null or { State: "forwarding" }
        && !(port.BridgePort is { Isolated: true } && From?.BridgePort is { Isolated: true });

    private bool TakesFloods(ObservedLink port) => port.BridgePort is not { } settings
        || (_packet.IsBroadcast ? settings.BroadcastFlood : BridgeStep.Multicast(_packet) ? settings.MulticastFlood : settings.Flood);

    private bool CallsNetfilter()
    {
        if (_packet.Vlan is not null && ns.Sysctl("net/bridge/bridge-nf-filter-vlan-tagged") != "1")
        {
            return false;
        }

        var (sysctl, own) = _packet switch
        {
            { IsArp: true } => ("bridge-nf-call-arptables", bridge.Bridge?.CallArptables),
            { IsV6: true } => ("bridge-nf-call-ip6tables", bridge.Bridge?.CallIp6tables),
            _ => ("bridge-nf-call-iptables", bridge.Bridge?.CallIptables),
        };
        return ns.Sysctl($"net/bridge/{sysctl}") is { } value && (value == "1" || own == true);
    }

    private (Step? Refused, FilterResult Result) Judge(Hop hop, FilterContext context)
    {
        var result = Hooks.Run(walk, ns.Name, context);
        var refused = Hooks.Refused(hop, context, result);
        _packet = result.Packet;
        _tracking = result.Tracking ?? _tracking;
        return (refused, result);
    }

    private string PacketType() => _packet.IsBroadcast ? "broadcast"
        : _packet.EtherDestination.IsMulticast ? "multicast"
        : _packet.EtherDestination == bridge.Mac || _packet.EtherDestination == From?.Mac ? "host" : "other";
}
