using System.Collections.Immutable;
using System.Diagnostics;
using Tapline.Agent.Apply;
using Tapline.Agent.Observe;
using Tapline.Agent.Processes;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;
using Tapline.Wire.Ovs;

namespace Tapline.Agent;

/// <summary>The host that this process runs on: its kernel, its Open vSwitch, its helper programs.</summary>
public sealed class LinuxHost : IHost, IAsyncDisposable
{
    private readonly NamespaceHandles _handles = new();
    private readonly DeviceObserver _devices;
    private readonly SysctlObserver _sysctls;
    private readonly ProcessDirectory _directory;
    private readonly NamespaceApplier _namespaceApplier;
    private readonly LinkApplier _linkApplier;
    private readonly AddressApplier _addressApplier;
    private readonly FirewallApplier _firewallApplier;
    private readonly SwitchApplier _switchApplier;
    private readonly FlowApplier _flowApplier;
    private readonly ProcessApplier _processApplier;
    private readonly RouterUpkeep _upkeep;

    public LinuxHost(HostPaths paths)
    {
        Switch = new SwitchConnection(paths);
        _devices = new DeviceObserver(_handles, paths);
        _sysctls = new SysctlObserver(_handles);
        _directory = new ProcessDirectory(paths, _handles);
        _namespaceApplier = new NamespaceApplier(_handles, paths);
        _addressApplier = new AddressApplier(_handles);
        _firewallApplier = new FirewallApplier(_handles);
        _switchApplier = new SwitchApplier(Switch);
        _linkApplier = new LinkApplier(_handles, _switchApplier);
        _flowApplier = new FlowApplier(_switchApplier, paths);
        _processApplier = new ProcessApplier(_directory, new DhcpLeases(_handles));
        _upkeep = new RouterUpkeep(_handles);
    }

    public SwitchConnection Switch { get; }

    /// <summary>The netlink port by which this process changes the firewall of the host's own namespace; null where it can not be told.</summary>
    public uint? FirewallPort => _handles.Of("").Nft.PortId;

    public async Task<HostState> ObserveAsync(HostState known, HostState wanted, Aspects aspects, CancellationToken cancellationToken)
    {
        var items = new List<HostItem>(known.Items.Values.Where(item => (AspectOf(item.Key) & aspects) == 0));
        if (aspects.HasFlag(Aspects.Devices))
        {
            items.AddRange(_devices.Observe(aspects.HasFlag(Aspects.Offloads)));
        }

        if (aspects.HasFlag(Aspects.Sysctls))
        {
            items.AddRange(_sysctls.Observe(wanted));
        }

        if (aspects.HasFlag(Aspects.Switch))
        {
            var mirror = await Switch.MirrorAsync(cancellationToken).ConfigureAwait(false);
            items.AddRange(SwitchObserver.Observe(mirror.Current));
        }

        if (aspects.HasFlag(Aspects.Flows))
        {
            var bridges = items.OfType<HostItem.OvsBridge>().Where(bridge => bridge.Owner.Length > 0).Select(bridge => bridge.Name).ToList();
            items.AddRange(await Switch.FlowsAsync(bridges, cancellationToken).ConfigureAwait(false));
        }

        if (aspects.HasFlag(Aspects.Firewall))
        {
            items.AddRange(FirewallObserver.Observe("", _handles.Of("").Nft));
        }

        if (aspects.HasFlag(Aspects.RouterFirewalls))
        {
            var routers = items.OfType<HostItem.Namespace>().Select(ns => ns.Name).Where(name => name.StartsWith("qrouter-", StringComparison.Ordinal)).ToList();
            items.AddRange(routers.SelectMany(name => FirewallObserver.Observe(name, _handles.Of(name).Nft)));
        }

        if (aspects.HasFlag(Aspects.Processes))
        {
            items.AddRange(_directory.Observe());
        }

        return HostState.Of(items);
    }

    public async Task ApplyAsync(ImmutableArray<HostChange> group, CancellationToken cancellationToken)
    {
        try
        {
            if (group[0].Key.Kind is ItemKind.NftSet or ItemKind.NftChain or ItemKind.NftVerdictMap)
            {
                ApplyFirewall(group);
            }
            else
            {
                var change = group.Single();
                await (change.After is { } wanted
                    ? PutAsync(wanted, change.Before, cancellationToken)
                    : DeleteAsync(change.Before!, cancellationToken)).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is NetlinkException or NftablesException or OvsdbException or OpenFlowException or IOException
            or UnauthorizedAccessException or System.ComponentModel.Win32Exception or System.Net.Sockets.SocketException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new HostException($"{group[0].Key}: {error.Message}", error);
        }
    }

    /// <summary>Tells the neighbours of external networks where the routers' addresses are; done at the agent's start.</summary>
    public void Announce(HostState seen) => _upkeep.AnnounceAll(seen);

    /// <summary>Repeats the announcements of addresses that are new, which may have been lost.</summary>
    public void AnnounceAgain(HostState seen) => _upkeep.AnnounceAgain(seen);

    /// <summary>Ends translations that the present NAT maps no longer provide for; done at the agent's start.</summary>
    public void PurgeTranslations(HostState wanted) => _upkeep.PurgeAll(wanted);

    public async ValueTask DisposeAsync()
    {
        await Switch.DisposeAsync().ConfigureAwait(false);
        _handles.Dispose();
    }

    private void ApplyFirewall(ImmutableArray<HostChange> group)
    {
        foreach (var change in group)
        {
            ZoneUpkeep.FlushNew(change);
        }

        _firewallApplier.Apply(group);
        foreach (var map in group.Select(change => change.After).OfType<HostItem.NftSet>())
        {
            _upkeep.MapChanged(map);
        }
    }

    private async Task PutAsync(HostItem wanted, HostItem? seen, CancellationToken cancellationToken)
    {
        switch (wanted)
        {
            case HostItem.Namespace item: _namespaceApplier.Add(item); break;
            case HostItem.Link item: await _linkApplier.EnsureAsync(item, seen as HostItem.Link, cancellationToken).ConfigureAwait(false); break;
            case HostItem.Sysctl item: Sysctl.Write(_handles.Of(item.In).Namespace, item.Path, item.Value); break;
            case HostItem.Address item:
                await _switchApplier.SettlePortsAsync(cancellationToken).ConfigureAwait(false);
                _addressApplier.Add(item);
                _upkeep.AddressAdded(item);
                break;
            case HostItem.Route item: _addressApplier.Add(item); break;
            case HostItem.OvsBridge item: await _switchApplier.PutAsync(item, cancellationToken).ConfigureAwait(false); break;
            case HostItem.OvsPort item: await _switchApplier.PutAsync(item, cancellationToken).ConfigureAwait(false); break;
            case HostItem.FlowTable item: await _flowApplier.PutAsync(item, cancellationToken).ConfigureAwait(false); break;
            case HostItem.Process item:
                await _switchApplier.SettlePortsAsync(cancellationToken).ConfigureAwait(false);
                await _processApplier.PutAsync(item, seen as HostItem.Process, cancellationToken).ConfigureAwait(false);
                break;
            default: throw new UnreachableException();
        }
    }

    private async Task DeleteAsync(HostItem seen, CancellationToken cancellationToken)
    {
        switch (seen)
        {
            case HostItem.Namespace item: _namespaceApplier.Delete(item); break;
            case HostItem.Link item: _linkApplier.Delete(item); break;
            case HostItem.Address item: _addressApplier.Delete(item); break;
            case HostItem.Route item: _addressApplier.Delete(item); break;
            case HostItem.OvsBridge item: await _switchApplier.DeleteAsync(item, cancellationToken).ConfigureAwait(false); break;
            case HostItem.OvsPort item: await _switchApplier.DeleteAsync(item, cancellationToken).ConfigureAwait(false); break;
            case HostItem.FlowTable: break; // goes with its bridge
            case HostItem.Process item: await _processApplier.DeleteAsync(item, cancellationToken).ConfigureAwait(false); break;
            default: throw new UnreachableException();
        }
    }

    private static Aspects AspectOf(ItemKey key) => key.Kind switch
    {
        ItemKind.Namespace or ItemKind.Link or ItemKind.Address or ItemKind.Route => Aspects.Devices,
        ItemKind.Sysctl => Aspects.Sysctls,
        ItemKind.OvsBridge or ItemKind.OvsPort => Aspects.Switch,
        ItemKind.FlowTable => Aspects.Flows,
        ItemKind.NftSet or ItemKind.NftVerdictMap or ItemKind.NftChain => key.Namespace.Length == 0 ? Aspects.Firewall : Aspects.RouterFirewalls,
        ItemKind.Process => Aspects.Processes,
        _ => throw new UnreachableException(),
    };
}
