using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>
/// Follows a packet from station to station over what is seen of a host, every copy of it to its end. Pure: what it can not know by
/// itself (what Open vSwitch does) it yields as a question, and goes on with the answer. Connections and neighbours that a packet
/// leaves behind are kept for the packets after it, as the kernel would.
/// </summary>
public sealed class Walk(World world)
{
    private const int MostSteps = 20_000; // copies of a broadcast to 200 ports take some 2,000
    private const int DeepestResolution = 8;

    private readonly Dictionary<string, ConnectionTable> _connections = [];
    private readonly Dictionary<(string Namespace, string Device, IpAddress Neighbour), Neighbourhood> _neighbours = [];
    private readonly List<Switching.SwitchStep> _decisions = [];
    private int _steps;
    private int _depth;

    public World World { get; } = world;

    /// <summary>
    /// Copies of a flood go only to those instances that may take or answer them: enough to tell whether it is answered, and a flood to
    /// 200 ports is most of the work.
    /// </summary>
    internal bool SparesAsides { get; init; }

    /// <summary>Every decision of Open vSwitch about any of the packets, in order.</summary>
    public IReadOnlyList<Switching.SwitchStep> Decisions => _decisions;

    /// <summary>Every rule that any of the packets met where rules changed it, in order, with the namespace.</summary>
    internal List<(string Namespace, FilterStep Step)> Rewritten { get; } = [];

    /// <summary>The first frame that came back to a bridge which had it before; null where none did.</summary>
    internal ReturnedFrames? Returned { get; private set; }

    /// <summary>Each address resolution that the way needed, in order.</summary>
    public IReadOnlyCollection<Neighbourhood> Resolutions => _neighbours.Values;

    /// <summary>Another walk, for packets of the same connections.</summary>
    internal Walk Beside()
    {
        var other = new Walk(World);
        foreach (var (ns, connections) in _connections)
        {
            other.Keep(ns, connections);
        }

        return other;
    }

    public ConnectionTable ConnectionsOf(string ns) =>
        _connections.TryGetValue(ns, out var table) ? table : new ConnectionTable(World.Namespace(ns).Connections);

    internal void Keep(string ns, ConnectionTable connections) => _connections[ns] = connections;

    /// <summary>Follows it; <paramref name="branches"/> has every end when the last question is answered.</summary>
    public IEnumerable<SwitchQuestion> Follow(Position start, ICollection<Branch> branches)
    {
        var open = new Stack<(Position At, Trail? Trail)>();
        open.Push((start, null));
        while (open.TryPop(out var item))
        {
            if (++_steps > MostSteps)
            {
                branches.Add(new Branch(item.Trail, new End.Unsure(item.At.Namespace, item.At.Device, "the packet goes round in circles")));
                yield break;
            }

            Step? step = null;
            SwitchQuestion? question = null;
            if (item.At is Position.AtSwitch frame)
            {
                question = SwitchStep.Question(World, frame);
                if (question is not null)
                {
                    yield return question;
                }

                _decisions.AddRange(question?.Answer?.Steps ?? []);
                step = SwitchStep.Take(World, frame, question?.Answer);
            }
            else if (item.At is Position.ToNeighbour to)
            {
                var found = new List<Neighbourhood>();
                foreach (var asked in Resolve(to, found))
                {
                    yield return asked;
                }

                step = NeighbourStep.Take(World, to, found[0]);
            }

            step ??= Take(item.At);
            Returned ??= ReturnedFrames.Of(World, item.At, item.Trail, question?.Answer, step);
            Enqueue(step, item.Trail, open, branches);
        }
    }

    private Step Take(Position at) => at switch
    {
        Position.Arriving arriving => LinkStep.Arrive(this, arriving),
        Position.Leaving leaving => LinkStep.Leave(this, leaving),
        Position.Sent sent => StackStep.Send(this, sent),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private void Enqueue(Step step, Trail? trail, Stack<(Position At, Trail? Trail)> open, ICollection<Branch> branches)
    {
        var here = Grow(trail, step.Hops);
        foreach (var ending in step.Ends)
        {
            branches.Add(new Branch(Grow(here, ending.Hops), ending.End));
        }

        foreach (var onward in step.Onward.Reverse().Where(onward => !SparesAsides || !Asides.IsInVain(World, onward.Next)))
        {
            open.Push((onward.Next, Grow(here, onward.Hops)));
        }
    }

    private static Trail? Grow(Trail? trail, ValueList<Hop> hops)
    {
        foreach (var hop in hops)
        {
            trail = new Trail(hop, trail);
        }

        return trail;
    }

    /// <summary>Who has the address: by what the namespace knows already, else by a question to the link and the answer's way back.</summary>
    private IEnumerable<SwitchQuestion> Resolve(Position.ToNeighbour at, List<Neighbourhood> found)
    {
        var key = (at.Namespace, at.Device, at.Neighbour);
        if (_neighbours.TryGetValue(key, out var known) || (known = Neighbourhood.Known(World, at)) is not null)
        {
            _neighbours[key] = known;
            found.Add(known);
            yield break;
        }

        var asking = new Neighbourhood(at.Namespace, at.Device, at.Neighbour);
        if (++_depth <= DeepestResolution)
        {
            foreach (var question in Ask(asking, at.Packet.Source))
            {
                yield return question;
            }
        }

        _depth--;
        _neighbours[key] = asking;
        found.Add(asking);
    }

    /// <summary>Sends an ARP request and follows it and its answers.</summary>
    public IEnumerable<SwitchQuestion> Ask(Neighbourhood asking, IpAddress source)
    {
        var asked = asking.Question(World, source);
        if (asking.IsOwn && ArpStep.Kept(this, (Position.Leaving)asked) is { } kept)
        {
            asking.Requests.Add(kept);
            yield break;
        }

        foreach (var question in Follow(asked, asking.Requests))
        {
            yield return question;
        }

        foreach (var branch in asking.Requests)
        {
            Learn(branch);
        }

        foreach (var reply in asking.Requests.Select(branch => AnswerTo(branch.End)).OfType<Position>().ToList())
        {
            foreach (var question in Follow(reply, asking.Replies))
            {
                yield return question;
            }
        }
    }

    /// <summary>Who answers knows the asker from then on, unless an entry says otherwise for good.</summary>
    private void Learn(Branch branch)
    {
        if (branch.End is not End.Answered answered || branch.Hops is not [.., { Packet: { ArpOperation: 1, Source.IsUnspecified: false } packet }])
        {
            return;
        }

        var isSet = World.Namespace(answered.Namespace).Neighbours.Any(entry => entry.Device == answered.Device && entry.Address == packet.Source && entry.State is "permanent" or "noarp");
        if (!isSet)
        {
            _neighbours[(answered.Namespace, answered.Device, packet.Source)] = Neighbourhood.Learned(answered.Namespace, answered.Device, packet.Source, packet.ArpSender);
        }
    }

    /// <summary>Of a guest that one can not look into it is taken for granted that it answers for its own addresses.</summary>
    private Position? AnswerTo(End end) => end switch
    {
        End.Answered answered => answered.Reply,
        End.ToGuest { Packet: { ArpOperation: 1 } packet, Device: var tap } when GuestFacts.Of(World, tap) is { Mac: { } mac } guest && guest.Addresses.Contains(packet.Destination) =>
            new Position.Arriving("", tap, Arp.Reply(packet, mac)),
        _ => null,
    };
}
