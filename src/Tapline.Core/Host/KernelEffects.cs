using System.Collections.Immutable;
using Tapline.Core.Diff;

namespace Tapline.Core.Host;

/// <summary>What a change that succeeded leaves behind, as the kernel and Open vSwitch do it: what hangs on a removed thing goes with it.</summary>
public static class KernelEffects
{
    public static HostState After(HostState state, HostChange change) =>
        change.After is { } item ? state.Put(Made(item, change.Before)) : Without(state, change.Before!);

    /// <summary>Setting what others made does not make it ours.</summary>
    private static HostItem Made(HostItem item, HostItem? before) =>
        item is HostItem.Link { Kind: LinkKind.Foreign } wanted && before is HostItem.Link link
            ? wanted with { Kind = link.Kind, Peer = link.Peer, Mac = link.Mac, Master = wanted.Master ?? link.Master, Owner = link.Owner }
            : item;

    private static HostState Without(HostState state, HostItem item) => item switch
    {
        HostItem.Namespace ns => WithoutNamespace(state, ns.Name),
        HostItem.Link link => WithoutLink(state, link),
        HostItem.OvsBridge bridge => state.Remove(state.Items.Values
            .Where(other => other is HostItem.OvsPort port && port.Bridge == bridge.Name)
            .Select(other => other.Key)
            .Concat([bridge.Key, new ItemKey(ItemKind.FlowTable, "", bridge.Name)])),
        _ => state.Remove(item.Key),
    };

    private static HostState WithoutNamespace(HostState state, string name)
    {
        var inside = state.Items.Values.Where(item => item.Key.Namespace == name).Select(item => item.Key)
            .Append(new ItemKey(ItemKind.Namespace, "", name));
        var peers = state.OfType<HostItem.Link>().Where(link => link.Peer?.In == name && link.In != name).ToImmutableArray();
        var without = state.Remove(inside);
        return peers.Aggregate(without, WithoutLink);
    }

    private static HostState WithoutLink(HostState state, HostItem.Link link)
    {
        var gone = state.Items.Values.Where(item => HangsOn(item, link)).Select(item => item.Key).Append(link.Key);
        var without = state.Remove(gone);
        foreach (var port in without.OfType<HostItem.Link>().Where(other => other.In == link.In && other.Master == link.Name).ToList())
        {
            without = without.Put(port with { Master = "" });
        }

        foreach (var program in without.OfType<HostItem.Process>().Where(program => program.In == link.In && program.IsBoundTo(link.Name)).ToList())
        {
            without = without.Put(program with { Running = false });
        }

        var peer = link.Peer is { } end ? without.Find(new ItemKey(ItemKind.Link, end.In, end.Name)) : null;
        return peer is HostItem.Link far ? WithoutLink(without, far) : without;
    }

    private static bool HangsOn(HostItem item, HostItem.Link link) => item.Key.Namespace == link.In && item switch
    {
        HostItem.Address address => address.Device == link.Name,
        HostItem.Route route => route.Device == link.Name,
        HostItem.Sysctl sysctl => sysctl.Path.Contains($"/{link.Name}/", StringComparison.Ordinal),
        _ => false,
    };
}
