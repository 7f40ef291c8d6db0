using System.Collections.Immutable;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;

namespace Tapline.Agent;

/// <summary>Brings a host to what a slice says: observe, plan, diff, apply. Converges from any state, touches nothing that is right.</summary>
public sealed class Reconciler(IHost host, string hostName, string datapathType)
{
    /// <summary>What the host looks like, as far as is known.</summary>
    public HostState Seen { get; private set; } = HostState.Empty;

    /// <summary>The plan of the last reconcile.</summary>
    public HostState Wanted { get; private set; } = HostState.Empty;

    /// <param name="topology">The host's slice as a Topology.</param>
    /// <param name="stale">What may have changed since it was last read.</param>
    /// <param name="cancellationToken">Stops between two changes.</param>
    public async Task<ReconcileResult> ReconcileAsync(Topology topology, Aspects stale, CancellationToken cancellationToken)
    {
        Seen = await host.ObserveAsync(Seen, Wanted, stale & ~Aspects.Sysctls, cancellationToken).ConfigureAwait(false);
        Wanted = HostPlanner.Plan(topology, hostName, Sticky.From(Seen, DatapathOf(Seen)));
        if (stale.HasFlag(Aspects.Sysctls))
        {
            Seen = await host.ObserveAsync(Seen, Wanted, Aspects.Sysctls, cancellationToken).ConfigureAwait(false);
        }

        var changes = HostDiff.Between(Seen, Wanted);
        var failures = ImmutableArray.CreateBuilder<ItemFailure>();
        var closed = true;
        foreach (var group in ChangeGroups.Of(changes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (group.Length > 1 && await ApplyAsync(group, cancellationToken).ConfigureAwait(false) is null)
            {
                continue;
            }

            // Also where one of several failed and took the others with it: so that it alone is reported, and the others go on.
            foreach (var change in group)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var error = !closed && Opens(change) ? $"{change.Key}: not plugged, since the firewall is not complete"
                    : await ApplyAsync([change], cancellationToken).ConfigureAwait(false);
                if (error is not null)
                {
                    failures.Add(new ItemFailure(change.Key.ToString(), error));
                    closed &= !IsFirewall(change.Key);
                }
            }
        }

        return new ReconcileResult(changes, failures.DrainToImmutable());
    }

    /// <summary>Null, or why nothing of the group was changed.</summary>
    private async Task<string?> ApplyAsync(ImmutableArray<HostChange> group, CancellationToken cancellationToken)
    {
        try
        {
            await host.ApplyAsync(group, cancellationToken).ConfigureAwait(false);
            Seen = group.Aggregate(Seen, KernelEffects.After);
            return null;
        }
        catch (HostException error)
        {
            return error.Message;
        }
    }

    private static bool IsFirewall(ItemKey key) =>
        key is { Namespace: "", Kind: ItemKind.NftSet or ItemKind.NftChain or ItemKind.NftVerdictMap }
        || (key.Kind == ItemKind.Sysctl && key.Name.StartsWith("net/bridge/", StringComparison.Ordinal));

    /// <summary>Joins a guest to the network: a switch port with a conntrack zone is a VIF's. On the dead VLAN it is joined to nothing.</summary>
    private static bool Opens(HostChange change) =>
        change.After is HostItem.OvsPort port && port.ExternalId(Sticky.ZoneKey) is not null && port.Tag != LocalIds.DeadVlan;

    /// <summary>A switch that is already there keeps its datapath.</summary>
    private string DatapathOf(HostState seen) =>
        seen.Find(new ItemKey(ItemKind.OvsBridge, "", Names.IntegrationBridge)) is HostItem.OvsBridge { Owner.Length: > 0 } bridge
            ? bridge.DatapathType
            : datapathType;
}

/// <summary>What a reconcile tried and what of it failed.</summary>
public sealed record ReconcileResult(ImmutableArray<HostChange> Changes, ImmutableArray<ItemFailure> Failures);
