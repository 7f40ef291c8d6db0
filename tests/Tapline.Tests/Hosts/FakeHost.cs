using System.Collections.Immutable;
using System.Globalization;
using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Hosts;

/// <summary>
/// A host in memory. It refuses what the kernel, nftables and Open vSwitch refuse, shows itself as they would (marks, not texts),
/// and prints itself as a <see cref="HostState"/>. Whoever goes against good manners (touches what is right, deletes what is foreign)
/// finds it in <see cref="Complaints"/>.
/// </summary>
internal sealed class FakeHost : IHost
{
    private const string ByPlace = "tapline";
    private int _failIn = -1;
    private ItemKey? _failing;
    private ulong _nextMac = 0x0200_0000_0001;

    /// <summary>What is there, in full: chains with their rules, links with MAC, MTU and master.</summary>
    public HostState State { get; private set; } = HostState.Empty;

    /// <summary>The changes made, in order.</summary>
    public List<HostChange> Changes { get; } = [];

    /// <summary>What a kernel would have said, in order; no one but a fault asked for may cause any.</summary>
    public List<string> Refusals { get; } = [];

    public List<string> Complaints { get; } = [];

    /// <summary>Called after each change that was made.</summary>
    public Action? Changed { get; set; }

    /// <summary>A host with devices and switch parts of others, as real ones have.</summary>
    public static FakeHost WithForeignItems()
    {
        var host = new FakeHost();
        foreach (var name in (string[])["eth0", "eth1", "eth2"])
        {
            host.State = host.State.Put(host.Concrete(new HostItem.Link { Name = name, Kind = LinkKind.Foreign }, null));
        }

        host.Put(new HostItem.Link { Name = "docker0", Kind = LinkKind.Bridge });
        host.Put(new HostItem.Link { Name = "vethdocker", Kind = LinkKind.Veth, Peer = new LinkEnd("", "vethother"), Master = "docker0" });
        host.Put(new HostItem.OvsBridge("br-lan", "system", "standalone"));
        host.Put(new HostItem.OvsPort { Name = "lan0", Bridge = "br-lan", Tag = 1 });
        return host;
    }

    /// <summary>Puts something there as others would, without a mark.</summary>
    public void Put(HostItem foreign) =>
        State = KernelEffects.After(State, new HostChange(null, foreign is HostItem.Link link ? Concrete(link, null) : foreign));

    /// <summary>Takes something away as others would.</summary>
    public void Take(ItemKey key) => State = State.Find(key) is { } item ? KernelEffects.After(State, new HostChange(item, null)) : State;

    /// <summary>The n-th next change fails (1: the next).</summary>
    public void FailIn(int changes) => _failIn = changes;

    public override string ToString() => State.ToString();

    public Task<HostState> ObserveAsync(HostState known, HostState wanted, Aspects aspects, CancellationToken cancellationToken) =>
        Task.FromResult(Observe(known, wanted, aspects));

    /// <summary>The host as it would be seen, with the sysctls that <paramref name="wanted"/> names.</summary>
    public HostState Observe(HostState wanted) => Observe(HostState.Empty, wanted, Aspects.All);

    public Task ApplyAsync(ImmutableArray<HostChange> group, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var before = State;
        try
        {
            foreach (var change in group)
            {
                Apply(change, isAlone: group.Length == 1);
            }
        }
        catch (HostException)
        {
            State = before; // all or none
            throw;
        }

        Changes.AddRange(group);
        Changed?.Invoke();
        return Task.CompletedTask;
    }

    private void Apply(HostChange change, bool isAlone)
    {
        if (--_failIn == 0)
        {
            _failing = change.Key;
        }

        if (_failing == change.Key)
        {
            _failing = isAlone ? null : _failing; // what fails among others fails alone as well
            throw new HostException($"{change.Key}: told to fail");
        }

        if (change.After is { } wanted)
        {
            Make(wanted, change);
        }
        else if (State.Find(change.Key) is { } there)
        {
            Delete(there, change);
        }
    }

    private HostState Observe(HostState known, HostState wanted, Aspects aspects) => HostState.Of(
    [
        .. known.Items.Values.Where(item => (AspectOf(item.Key) & aspects) == 0),
        .. State.Items.Values.Where(item => (AspectOf(item.Key) & aspects) != 0 && item is not HostItem.Sysctl).Select(Seen),
        .. wanted.OfType<HostItem.Sysctl>().Where(sysctl => aspects.HasFlag(Aspects.Sysctls) && HasSysctl(sysctl))
            .Select(sysctl => sysctl with { Value = (State.Find(sysctl.Key) as HostItem.Sysctl)?.Value ?? "0", Owner = ByPlace }),
    ]);

    /// <summary>Texts can not be read back, only marks.</summary>
    private HostItem Seen(HostItem item) => item switch
    {
        HostItem.NftChain chain => chain with { Rules = [], Hook = chain.Hook.Length > 0 ? "hook" : "", Level = NftRefusals.LevelOf(State, chain), Owner = ByPlace },
        HostItem.NftSet set => set with { Declaration = set.Declaration[..3], Owner = ByPlace },
        HostItem.NftVerdictMap map => map with { Declaration = "map", Owner = ByPlace },
        HostItem.FlowTable table => table with { Flows = [], Owner = ByPlace },
        HostItem.Namespace or HostItem.Address or HostItem.Process => item with { Owner = ByPlace },
        HostItem.Route { Owner.Length: > 0 } => item with { Owner = ByPlace },
        _ => item,
    };

    private static Aspects AspectOf(ItemKey key) => key.Kind switch
    {
        ItemKind.Sysctl => Aspects.Sysctls,
        ItemKind.OvsBridge or ItemKind.OvsPort => Aspects.Switch,
        ItemKind.FlowTable => Aspects.Flows,
        ItemKind.NftSet or ItemKind.NftVerdictMap or ItemKind.NftChain => key.Namespace.Length == 0 ? Aspects.Firewall : Aspects.RouterFirewalls,
        ItemKind.Process => Aspects.Processes,
        _ => Aspects.Devices,
    };

    private void Make(HostItem wanted, HostChange change)
    {
        var there = State.Find(wanted.Key);
        if (there is not null && wanted.IsRight(Seen(there)) && (wanted is not HostItem.Sysctl sysctl || sysctl.Value != "0"))
        {
            Complaints.Add($"{change}: was right already");
        }

        RequireNamespace(wanted.Key);
        switch (wanted)
        {
            case HostItem.Namespace item: RequireName(item.Name, 255); break;
            case HostItem.Link item:
                MakeLink(item, there as HostItem.Link);
                return;
            case HostItem.Address item: RequireLink(item.In, item.Device); break;
            case HostItem.Route item: RequireReachable(item); break;
            case HostItem.Sysctl item: Require(HasSysctl(item), $"{item.Path}: No such file or directory"); break;
            case HostItem.OvsBridge item: RequireName(item.Name, 15); break;
            case HostItem.OvsPort item:
                RequireName(item.Name, 15);
                RequireBridge(item.Bridge);
                break;
            case HostItem.FlowTable item: RequirePorts(item); break;
            case HostItem.NftSet or HostItem.NftVerdictMap or HostItem.NftChain:
                NftRefusals.OfPut(State, wanted, Refuse);
                break;
            case HostItem.Process: break;
        }

        State = State.Put(wanted);
    }

    private void MakeLink(HostItem.Link wanted, HostItem.Link? there)
    {
        RequireName(wanted.Name, 15);
        if (wanted.Kind == LinkKind.Foreign)
        {
            Require(there is not null, $"{wanted.Name}: No such device");
            RequireMaster(wanted);
            State = State.Put(Concrete(wanted with { Kind = there!.Kind, Peer = there.Peer, Owner = there.Owner }, there));
            return;
        }

        if (there is not null && (there.Kind != wanted.Kind || there.Peer != wanted.Peer))
        {
            Refuse($"{wanted.Name}: File exists");
        }

        RequireMaster(wanted);
        Require(wanted.Mac is not { IsMulticast: true }, $"{wanted.Name}: Cannot assign requested address");
        if (there is null && wanted.Peer is { } peer)
        {
            RequireName(peer.Name, 15);
            RequireNamespace(new ItemKey(ItemKind.Link, peer.In, peer.Name));
            Require(State.Find(new ItemKey(ItemKind.Link, peer.In, peer.Name)) is null, $"{peer.Name}: File exists");
            var far = new HostItem.Link { In = peer.In, Name = peer.Name, Kind = LinkKind.Veth, Peer = new LinkEnd(wanted.In, wanted.Name), Mtu = wanted.Mtu, Up = false };
            State = State.Put(Concrete(far, null));
        }

        State = State.Put(Concrete(wanted, there));
    }

    private void RequireMaster(HostItem.Link wanted)
    {
        if (!string.IsNullOrEmpty(wanted.Master))
        {
            Require(State.Find(new ItemKey(ItemKind.Link, wanted.In, wanted.Master)) is HostItem.Link { Kind: LinkKind.Bridge },
                $"{wanted.Name}: master {wanted.Master}: No such device");
        }
    }

    /// <summary>What was left open has some value all the same.</summary>
    private HostItem.Link Concrete(HostItem.Link wanted, HostItem.Link? there) => wanted with
    {
        Mac = wanted.Mac ?? there?.Mac ?? new MacAddress(_nextMac++),
        Mtu = wanted.Mtu ?? there?.Mtu ?? 1500,
        Master = wanted.Master ?? there?.Master ?? "",
        TransmitOffload = wanted.Kind == LinkKind.Veth ? wanted.TransmitOffload ?? there?.TransmitOffload ?? true : null,
    };

    private void Delete(HostItem there, HostChange change)
    {
        if (Seen(there).Owner.Length == 0 && !IsFarEndOfOurs(there))
        {
            Complaints.Add($"{change}: is not ours");
        }

        switch (there)
        {
            case HostItem.NftSet or HostItem.NftVerdictMap or HostItem.NftChain:
                NftRefusals.OfDelete(State, there, Refuse);
                break;
            case HostItem.Namespace item:
                Require(!State.OfType<HostItem.Process>().Any(process => process.In == item.Name), $"{item.Name}: a process still runs in it");
                break;
        }

        State = KernelEffects.After(State, new HostChange(there, null));
    }

    private bool IsFarEndOfOurs(HostItem item) =>
        item is HostItem.Link { Peer: { } peer } && State.Find(new ItemKey(ItemKind.Link, peer.In, peer.Name)) is { Owner.Length: > 0 };

    private bool HasSysctl(HostItem.Sysctl sysctl)
    {
        var parts = sysctl.Path.Split('/');
        return HasNamespace(sysctl.In)
            && (parts is not ["net", "ipv4" or "ipv6", "conf", var device, _] || device is "all" or "default"
                || State.Find(new ItemKey(ItemKind.Link, sysctl.In, device)) is not null);
    }

    private void RequireReachable(HostItem.Route route)
    {
        var link = RequireLink(route.In, route.Device);
        Require(link.Up, $"{route.Device}: Network is down");
        Require(route.Destination == route.Destination.Network, $"{route.Destination}: Invalid argument");
        Require(route.Via is not { } via || State.OfType<HostItem.Address>()
            .Any(address => address.In == route.In && address.Device == route.Device && address.Prefix.Contains(via)),
            $"{route.Destination} via {route.Via}: Nexthop has invalid gateway");
    }

    private HostItem.Link RequireLink(string ns, string name)
    {
        var link = State.Find(new ItemKey(ItemKind.Link, ns, name)) as HostItem.Link;
        Require(link is not null, $"{ns} {name}: Cannot find device");
        return link!;
    }

    private void RequireBridge(string name) =>
        Require(State.Find(new ItemKey(ItemKind.OvsBridge, "", name)) is not null, $"bridge {name} is not there");

    private void RequirePorts(HostItem.FlowTable table)
    {
        RequireBridge(table.Bridge);
        foreach (var flow in table.Flows)
        {
            var port = flow.Match.Split(',').FirstOrDefault(part => part.StartsWith("in_port=", StringComparison.Ordinal))?["in_port=".Length..];
            Require(port is null || State.Find(new ItemKey(ItemKind.OvsPort, "", port)) is HostItem.OvsPort there && there.Bridge == table.Bridge,
                $"flows of {table.Bridge}: unknown port {port}");
        }
    }

    private void RequireNamespace(ItemKey key) => Require(HasNamespace(key.Namespace), $"{key}: Cannot open network namespace");

    private bool HasNamespace(string name) => name.Length == 0 || State.Find(new ItemKey(ItemKind.Namespace, "", name)) is not null;

    private void RequireName(string name, int longest) =>
        Require(name.Length > 0 && name.Length <= longest, string.Create(CultureInfo.InvariantCulture, $"'{name}': name of {name.Length} bytes"));

    private void Require(bool holds, string refusal)
    {
        if (!holds)
        {
            Refuse(refusal);
        }
    }

    private void Refuse(string refusal)
    {
        Refusals.Add(refusal);
        throw new HostException(refusal);
    }
}
