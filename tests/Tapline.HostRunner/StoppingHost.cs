using System.Collections.Immutable;
using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;

namespace Tapline.HostRunner;

/// <summary>The real host; it notes the changes made to it, and asks for the end after so many of them.</summary>
internal sealed class StoppingHost(IHost host) : IHost
{
    private readonly List<string> _changes = [];

    public IReadOnlyList<string> Changes => _changes;

    /// <summary>Called after each step, with the number of changes so far.</summary>
    public Action<int>? Changed { get; set; }

    public Task<HostState> ObserveAsync(HostState known, HostState wanted, Aspects aspects, CancellationToken cancellationToken) =>
        host.ObserveAsync(known, wanted, aspects, cancellationToken);

    public async Task ApplyAsync(ImmutableArray<HostChange> group, CancellationToken cancellationToken)
    {
        await host.ApplyAsync(group, CancellationToken.None).ConfigureAwait(false);
        _changes.AddRange(group.Select(change => change.ToString().Split('\n')[0]));
        Changed?.Invoke(_changes.Count);
    }

    public void Forget() => _changes.Clear();
}
