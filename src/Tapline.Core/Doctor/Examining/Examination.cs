using Tapline.Core.Doctor.Examining.Suspecting;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;

namespace Tapline.Core.Doctor.Examining;

/// <summary>
/// Follows what is asked about there and its answer back, over what is seen; then says what it means. A stepper: each question of
/// <see cref="Run"/> is to be answered before the next is asked for, then <see cref="Report"/> is there.
/// </summary>
public sealed class Examination(World world, Topology intent, Inquiry inquiry, Endpoint from, Endpoint to)
{
    private Walk _walk = new(world);
    private Passage _request = Passage.None;
    private Passage _reply = Passage.None;
    private Passage _large = Passage.None;
    private Walk? _mirror;
    private bool _goesOn;

    public Report Report { get; private set; } = Report.Empty(inquiry);

    public IEnumerable<SwitchQuestion> Run()
    {
        var probe = inquiry.Probe(from.Address, to.Address);
        foreach (var question in ThereAndBack(probe))
        {
            yield return question;
        }

        if (_reply.Arrived is not null && LargeProbe(probe) is { } large)
        {
            foreach (var question in Send(from, large, IsDestination, passage => _large = passage))
            {
                yield return question;
            }
        }

        foreach (var question in GoOn())
        {
            yield return question;
        }

        foreach (var question in Mirrored())
        {
            yield return question;
        }

        var first = Verdicts.FirstOf(world, from, _request, _reply);
        var returned = _walk.Returned ?? _mirror?.Returned;
        if (first is not null && returned?.Without is { } without && !Works(without(), intent, inquiry, from, to))
        {
            returned = returned with { Missing = null };
        }

        var root = first is null || (_request.Unknown ?? _reply.Unknown ?? returned?.Missing) is not null ? null
            : RootCause.Of(world, intent, inquiry, from, to, _walk, first.Fault, _request.Hops.Concat(_reply.Hops));
        Report = Verdicts.Of(world, intent, inquiry, from, to, _walk, _request, _reply, root is null ? first : first! with { Fault = root }, returned, _large.Fault, _goesOn);
    }

    /// <summary>Whether all is well there and back on a host that is thought up, of which nobody can be asked.</summary>
    internal static bool Works(World world, Topology intent, Inquiry inquiry, Endpoint from, Endpoint to)
    {
        var other = new Examination(world, intent, inquiry, from, to) { _walk = new Walk(world) { SparesAsides = true } };
        foreach (var question in other.ThereAndBack(inquiry.Probe(from.Address, to.Address)))
        {
            question.Answer = SwitchRun.Forward(world.Seen.Switch!, question.Bridge, question.Port, question.Packet);
        }

        return other._reply.Arrived is not null
            && Verdicts.Of(world, intent, inquiry, from, to, other._walk, other._request, other._reply, null, other._walk.Returned, null, goesOn: false) is { Verdict: Verdict.Works or Verdict.WorksBut } report
            && !report.Causes.Any(cause => cause.Fault.Code == "router.no-destination-nat"); // else the router answers, and nobody behind it
    }

    private IEnumerable<SwitchQuestion> ThereAndBack(Packet probe)
    {
        foreach (var question in Send(from, probe, IsDestination, passage => _request = passage))
        {
            yield return question;
        }

        if (_request.Arrived is { } end)
        {
            foreach (var question in Return(end, passage => _reply = passage))
            {
                yield return question;
            }
        }
    }

    /// <summary>What is lost as a new connection may pass as an old one, by rules that spare those, or by a translation that was settled.</summary>
    private IEnumerable<SwitchQuestion> GoOn()
    {
        if (Verdicts.FirstOf(world, from, _request, _reply) is not { Fault: var fault } || StaleConnections.Probe(world, fault, inquiry, from.Address, to.Address) is not { } old)
        {
            yield break;
        }

        var there = Passage.None;
        foreach (var question in Send(from, old, IsDestination, passage => there = passage))
        {
            yield return question;
        }

        if (there.Arrived is { } end)
        {
            foreach (var question in Return(end, passage => _goesOn = passage.Arrived is not null))
            {
                yield return question;
            }
        }
    }

    /// <summary>
    /// What is lost may be so because of what came the other way before, and was given back: a frame is followed from where this one was meant
    /// for to its sender, for <see cref="Walk.Returned"/>.
    /// </summary>
    private IEnumerable<SwitchQuestion> Mirrored()
    {
        if (_walk.Returned is not null || !world.Seen.Namespaces.Any(ns => ns.Links.Any(link => link.BridgePort is { Hairpin: true }))
            || Verdicts.FirstOf(world, from, _request, _reply) is null
            || (_request.Fault is null ? _reply : _request).Hops is not [.., { Packet: { IsArp: false } lost }]
            || world.LinksWith(lost.EtherDestination).FirstOrDefault(owner => owner.Link.Name != "lo") is not { Link: { } owner, Namespace: var ns })
        {
            yield break;
        }

        _mirror = _walk.Beside();
        var back = Inquiry.Answer(lost) with { EtherSource = owner.Mac, EtherDestination = lost.EtherSource };
        foreach (var question in _mirror.Follow(new Position.Leaving(ns, owner.Name, back), []))
        {
            yield return question;
        }
    }

    /// <summary>As large as the instance's own device lets it be, not to be fragmented; null where that is not told.</summary>
    private Packet? LargeProbe(Packet probe)
    {
        var mtu = from.Guest?.Inside is { } inside ? world.Link(inside.Namespace, inside.Device)?.Mtu : from.Guest is { } guest ? world.Link("", guest.Tap)?.Mtu : null;
        return mtu is { } size && size > probe.Length ? probe with { Length = size, DontFragment = true, SourcePort = probe.SourcePort + 1 } : null;
    }

    /// <summary>From wherever the endpoint is: a stack one can see, a guest one can not, or beyond a NIC.</summary>
    private IEnumerable<SwitchQuestion> Send(Endpoint sender, Packet packet, Func<End, bool> isArrival, Action<Passage> done) =>
        Places.StackOf(world, sender) is { } ns ? FromStack(ns, packet, isArrival, done)
        : sender.Guest is { } guest ? FromGuest(guest, packet, isArrival, done)
        : FromOutside(packet, isArrival, done);

    private IEnumerable<SwitchQuestion> FromStack(string ns, Packet packet, Func<End, bool> isArrival, Action<Passage> done)
    {
        if (GuestFaults.OfSender(world, ns, packet) is { } fault)
        {
            done(Passage.None with { Fault = fault });
            yield break;
        }

        var branches = new List<Branch>();
        foreach (var question in _walk.Follow(new Position.Sent(ns, packet), branches))
        {
            yield return question;
        }

        done(Passage.Of(_walk, branches, ResolutionHops(branches), isArrival));
    }

    private IEnumerable<SwitchQuestion> FromGuest(GuestFacts guest, Packet packet, Func<End, bool> isArrival, Action<Passage> done)
    {
        var segment = Segment.Of(world, intent, guest, packet.Source);
        if (guest.Mac is not { } mac || segment?.NextHop(packet.Destination) is not { } next)
        {
            done(Passage.None with { Unknown = $"nothing on this host tells {(guest.Mac is null ? "the MAC" : "the gateway")} of {guest.Tap}" });
            yield break;
        }

        foreach (var question in Through(Neighbourhood.OfGuest(guest.Tap, mac, packet.Source, next), packet with { EtherSource = mac }, isArrival, done))
        {
            yield return question;
        }
    }

    private IEnumerable<SwitchQuestion> FromOutside(Packet packet, Func<End, bool> isArrival, Action<Passage> done)
    {
        Passage? last = null;
        foreach (var nic in Uplinks.Of(world))
        {
            foreach (var question in FromNic(nic, packet with { Vlan = Uplinks.VlanFor(world, nic, packet.Destination) }, isArrival, passage => last = passage))
            {
                yield return question;
            }

            if (last is { Arrived: not null })
            {
                break;
            }
        }

        done(last ?? ((ProviderNics.Missing(world) ?? ProviderNics.Gone(world)) is { } fault ? Passage.None with { Fault = fault } : null) ?? Passage.None with { Unknown = "this host has no NIC in a bridge of Open vSwitch, by which it could come in" });
    }

    private IEnumerable<SwitchQuestion> FromNic(string nic, Packet packet, Func<End, bool> isArrival, Action<Passage> done) =>
        Through(Neighbourhood.OfOutside(nic, Uplinks.GatewayNear(world, packet.Destination) ?? packet.Source, packet.Destination, packet.Vlan),
            packet with { EtherSource = NeighbourStep.Outside }, isArrival, done);

    /// <summary>First who has the next hop, then the packet itself.</summary>
    private IEnumerable<SwitchQuestion> Through(Neighbourhood asking, Packet packet, Func<End, bool> isArrival, Action<Passage> done)
    {
        foreach (var question in _walk.Ask(asking, packet.Source))
        {
            yield return question;
        }

        if (asking.Mac is not { } mac && !(asking.IsOutside && !ResolutionFaults.IsInside(world, asking)))
        {
            var best = asking.Replies.Concat(asking.Requests).OrderByDescending(branch => branch.Trail?.Length ?? 0).FirstOrDefault();
            var unsure = asking.IsUnsure ? asking.Requests.Concat(asking.Replies).Select(branch => branch.End).OfType<End.Unsure>().First().Missing : null;
            done(new Passage(best?.Hops ?? [], null, unsure is null ? ResolutionFaults.Of(world, asking) : null, unsure));
            yield break;
        }

        var branches = new List<Branch>();
        var start = new Position.Arriving(asking.Namespace, asking.Device, packet with { EtherDestination = asking.Mac ?? NeighbourStep.Outside });
        foreach (var question in _walk.Follow(start, branches))
        {
            yield return question;
        }

        done(Passage.Of(_walk, branches, [.. HopsOf(asking), .. ResolutionHops(branches)], isArrival));
    }

    private IEnumerable<SwitchQuestion> Return(End end, Action<Passage> done) => end switch
    {
        End.Delivered { Namespace: var ns, Packet: var packet } => FromStack(ns, Inquiry.Answer(packet), IsSource, done),
        End.ToGuest { Packet: var packet, Device: var tap } when GuestFacts.Of(world, tap) is { } guest => FromGuest(guest, Inquiry.Answer(packet), IsSource, done),
        End.ToOutside { Packet: var packet, Device: var nic } => FromNic(nic, Inquiry.Answer(packet) with { Vlan = packet.Vlan }, IsSource, done),
        _ => [],
    };

    /// <summary>A floating IP's destination is whichever instance it leads to; what a rule turned to another address is answered by whose that is.</summary>
    private bool IsDestination(End end) => IsAt(end, to) || IsTurned(end) || end switch
    {
        End.Delivered delivered => delivered.Packet.Destination == to.Address || world.OwnersOf(to.Address).Any(owner => owner.Namespace == delivered.Namespace) || (to.Guest is null && world.GuestNamespaces.Contains(delivered.Namespace)),
        End.ToGuest guest => to.Guest is null && GuestFacts.Of(world, guest.Device) is { } facts && facts.Addresses.Contains(guest.Packet.Destination),
        _ => false,
    };

    private bool IsTurned(End end) => end is End.Delivered { Packet.Destination: var now } delivered && now != to.Address
        && world.OwnersOf(now).Any(owner => owner.Namespace == delivered.Namespace);

    private bool IsSource(End end) => IsAt(end, from);

    private bool IsAt(End end, Endpoint endpoint) => end switch
    {
        End.Delivered delivered => Places.StackOf(world, endpoint) == delivered.Namespace,
        End.ToGuest guest => endpoint.Guest is { Inside: null } facts && facts.Tap == guest.Device,
        End.ToOutside => endpoint.Guest is null && Places.StackOf(world, endpoint) is null,
        _ => false,
    };

    private List<Hop> ResolutionHops(List<Branch> branches) =>
        branches.Exists(branch => branch.End is End.Lost) ? [.. _walk.Resolutions.Where(item => item.Mac is null && item.Entry is null).Take(1).SelectMany(HopsOf)] : [];

    private static IEnumerable<Hop> HopsOf(Neighbourhood asking)
    {
        var request = asking.Requests.FirstOrDefault(branch => branch.End is End.Answered) ?? asking.Requests.OrderByDescending(branch => branch.Trail?.Length ?? 0).FirstOrDefault();
        var reply = asking.Replies.OrderByDescending(branch => branch.End is not (End.Lost or End.Ignored)).FirstOrDefault();
        return [.. request?.Hops ?? [], .. reply?.Hops ?? []];
    }
}
