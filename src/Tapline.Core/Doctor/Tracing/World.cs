using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What is seen of a host, by the keys that a trace asks for.</summary>
public sealed class World
{
    private readonly Dictionary<string, ObservedNamespace> _namespaces;
    private readonly Dictionary<(string Namespace, string Name), ObservedLink> _links;
    private readonly Dictionary<string, (ObservedBridgeOfSwitch Bridge, ObservedPort Port, ObservedInterface Interface)> _ports = [];
    private readonly ILookup<(string Namespace, string Bridge), ObservedLink> _bridged;
    private readonly ILookup<(string Namespace, string Bridge), ObservedFdbEntry> _fdb;
    private readonly Dictionary<string, StackAddresses> _addresses = [];
    private readonly Dictionary<string, Ruleset> _rulesets = [];
    private Dictionary<string, GuestFacts?> _facts = [];
    private readonly Dictionary<string, IpAddress> _given = [];
    private HashSet<string>? _guestNamespaces;
    private IReadOnlyList<GuestFacts>? _guests;
    private GuestClues? _clues;

    public World(Observation seen)
    {
        Seen = seen;
        _namespaces = seen.Namespaces.ToDictionary(ns => ns.Name);
        _links = seen.Namespaces.SelectMany(ns => ns.Links.Select(link => (Key: (ns.Name, link.Name), link))).ToDictionary(pair => pair.Key, pair => pair.link);
        _bridged = seen.Namespaces.SelectMany(ns => ns.Links.Where(link => link.Master is not null).Select(link => (Key: (ns.Name, link.Master!), link)))
            .ToLookup(pair => pair.Key, pair => pair.link);
        _fdb = seen.Namespaces.SelectMany(ns => ns.Fdb.Select(entry => (Key: (ns.Name, entry.Bridge), entry))).ToLookup(pair => pair.Key, pair => pair.entry);
        foreach (var bridge in seen.Switch?.Bridges ?? [])
        {
            foreach (var port in bridge.Ports)
            {
                foreach (var device in port.Interfaces)
                {
                    _ports.TryAdd(device.Name, (bridge, port, device));
                }
            }
        }
    }

    public Observation Seen { get; }

    /// <summary>The same host if something of it were otherwise; what rules say and who its instances are is not found anew.</summary>
    internal World Otherwise(Observation seen)
    {
        var other = new World(seen) { _guests = Guests, _clues = _clues, _facts = _facts, _guestNamespaces = _guestNamespaces };
        foreach (var (tap, address) in _given)
        {
            other._given[tap] = address;
        }

        foreach (var (name, rules) in _rulesets)
        {
            other._rulesets[name] = rules;
        }

        return other;
    }

    /// <summary>The same host with that namespace in place of the one of its name.</summary>
    internal World Otherwise(ObservedNamespace ns) =>
        Otherwise(Seen with { Namespaces = [.. Seen.Namespaces.Select(other => other.Name == ns.Name ? ns : other)] });

    /// <summary>The same host with that link in place of the one of its name there.</summary>
    internal World Otherwise(ObservedNamespace ns, ObservedLink link) =>
        Otherwise(ns with { Links = [.. ns.Links.Select(other => other.Name == link.Name ? link : other)] });

    /// <summary>The same host with other rules in that namespace.</summary>
    internal World Otherwise(string ns, Ruleset rules)
    {
        var other = Otherwise(Seen);
        other._rulesets[ns] = rules;
        return other;
    }

    /// <summary>The user's word for the address of the guest behind a TAP.</summary>
    public void Give(string tap, IpAddress address)
    {
        _given[tap] = address;
        _facts.Clear();
        _guests = null;
    }

    /// <summary>The address that the user gave for the guest behind a TAP.</summary>
    public IpAddress? Given(string tap) => _given.TryGetValue(tap, out var address) ? address : null;

    /// <summary>What is told of the instance whose VIF the device is part of; null where it is of none.</summary>
    internal GuestFacts? Guest(string device)
    {
        if (!_facts.TryGetValue(device, out var facts))
        {
            facts = GuestFacts.Find(this, device);
            _facts[device] = facts;
        }

        return facts;
    }

    /// <summary>All VIFs of the host.</summary>
    public IReadOnlyList<GuestFacts> Guests => _guests ??= [.. GuestFacts.All(this)];

    internal GuestClues Clues => _clues ??= new GuestClues(this);

    /// <summary>Namespaces of instances that one can look into: a tap's other end is there.</summary>
    public IReadOnlySet<string> GuestNamespaces => _guestNamespaces ??= (FindNamespace("")?.Links ?? [])
        .Where(link => link.Name.StartsWith("tap", StringComparison.Ordinal) && link.Peer is { In.Length: > 0 } && Port(link.Name) is null)
        .Select(link => link.Peer!.In).ToHashSet(StringComparer.Ordinal);

    public ObservedNamespace Namespace(string name) => _namespaces[name];

    public ObservedNamespace? FindNamespace(string name) => _namespaces.GetValueOrDefault(name);

    public ObservedLink? Link(string ns, string name) => _links.GetValueOrDefault((ns, name));

    /// <summary>The ports of a Linux bridge.</summary>
    public IEnumerable<ObservedLink> PortsOf(string ns, string bridge) => _bridged[(ns, bridge)];

    /// <summary>The forwarding entries of a Linux bridge.</summary>
    public IEnumerable<ObservedFdbEntry> FdbOf(string ns, string bridge) => _fdb[(ns, bridge)];

    /// <summary>The switch's port of that device; null for what is none.</summary>
    public (ObservedBridgeOfSwitch Bridge, ObservedPort Port, ObservedInterface Interface)? Port(string device) =>
        _ports.TryGetValue(device, out var port) ? port : null;

    /// <summary>The port if the device of that namespace is it: system devices are the host's own, internal ports may have been moved.</summary>
    public (ObservedBridgeOfSwitch Bridge, ObservedPort Port, ObservedInterface Interface)? PortAt(string ns, string device) =>
        Port(device) is { } port && (port.Interface.Type == "internal" ? IsInternalPort(ns, device) : ns.Length == 0) ? port : null;

    internal StackAddresses AddressesOf(string ns)
    {
        if (!_addresses.TryGetValue(ns, out var addresses))
        {
            addresses = new StackAddresses(_namespaces[ns]);
            _addresses[ns] = addresses;
        }

        return addresses;
    }

    public Ruleset Rules(string ns)
    {
        if (!_rulesets.TryGetValue(ns, out var rules))
        {
            rules = RulesetReader.Read(_namespaces[ns]);
            _rulesets[ns] = rules;
        }

        return rules;
    }

    /// <summary>All devices that own the address, those of routers and DHCP servers before guests'.</summary>
    public IEnumerable<(string Namespace, string Device, ObservedAddress Address)> OwnersOf(IpAddress address) =>
        from ns in Seen.Namespaces
        from owned in ns.Addresses
        where owned.Prefix.Address == address
        select (ns.Name, owned.Device, owned);

    public IEnumerable<(string Namespace, ObservedLink Link)> LinksWith(MacAddress mac) =>
        from ns in Seen.Namespaces
        from link in ns.Links
        where link.Mac == mac
        select (ns.Name, link);

    /// <summary>The namespace that an internal port of the switch is in; null where its device is nowhere to be seen.</summary>
    public string? NamespaceOfInternalPort(string device) =>
        Seen.Namespaces.Where(ns => Link(ns.Name, device) is not null).OrderBy(ns => ns.Name.Length == 0).Select(ns => ns.Name).FirstOrDefault();

    private bool IsInternalPort(string ns, string device) => NamespaceOfInternalPort(device) == ns;
}
