using System.Collections.Concurrent;
using System.Globalization;
using Tapline.Core.Doctor.Living;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;

namespace Tapline.Agent.Probing;

/// <summary>
/// Has the kernel tell of the rules that a probe's packets end at, in one namespace. The table that marks them belongs to this process'
/// socket (<c>flags owner</c>): it is gone with it.
/// </summary>
internal sealed class RuleWatch : IAsyncDisposable
{
    private const byte Bridge = 7;

    private readonly string _table = $"tapline-live-{Environment.ProcessId}";
    private readonly string _name;
    private readonly NftablesTrace _trace;
    private readonly NftablesContext _context;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<NftablesTraceEvent> _drops = [];
    private readonly Task _reader;

    public RuleWatch(string name, NetNamespace ns, bool hasBridgeRules, ProbePackets packets)
    {
        _name = name;
        _trace = NftablesTrace.Open(ns);
        _context = ns.Run(NftablesContext.OpenForReading);
        _context.Run(string.Join('\n', [
            .. Table("inet", packets.Matches),
            .. hasBridgeRules ? Table("bridge", packets.Matches.Select(match => $"ether type ip {match}")) : [],
        ]));
        _reader = ReadAsync();
    }

    /// <summary>Where they ended, each place once, in order.</summary>
    public IReadOnlyList<RuleDrop> Drops() =>
        [.. _drops.DistinctBy(drop => (drop.Family, drop.Table, drop.Chain, drop.Rule)).Select(Read)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reader.ConfigureAwait(false);
        _context.Dispose();
        _trace.Dispose();
        _stop.Dispose();
    }

    private IEnumerable<string> Table(string family, IEnumerable<string> matches) =>
    [
        $"add table {family} {_table} {{ flags owner; }}",
        $"add chain {family} {_table} coming {{ type filter hook prerouting priority -500; }}",
        $"add chain {family} {_table} going {{ type filter hook output priority -500; }}",
        .. matches.SelectMany(match => new[] { $"add rule {family} {_table} coming {match} meta nftrace set 1", $"add rule {family} {_table} going {match} meta nftrace set 1" }),
    ];

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var met in _trace.EventsAsync(_stop.Token).ConfigureAwait(false))
            {
                if (met.IsDrop && met.Table.Length > 0 && met.Table != _table)
                {
                    _drops.Enqueue(met);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private RuleDrop Read(NftablesTraceEvent drop)
    {
        var family = drop.Family switch { 1 => "inet", 2 => "ip", 3 => "arp", 5 => "netdev", Bridge => "bridge", 10 => "ip6", var other => other.ToString(CultureInfo.InvariantCulture) };
        return new RuleDrop(_name, family, drop.Table, drop.Chain, drop.IsPolicy ? 0 : drop.Rule, drop.IsPolicy ? "" : Text(family, drop));
    }

    /// <summary>The rule as nft prints it.</summary>
    private string Text(string family, NftablesTraceEvent drop)
    {
        var handle = string.Create(CultureInfo.InvariantCulture, $" # handle {drop.Rule}");
        try
        {
            return _context.ListText($"list chain {family} {drop.Table} {drop.Chain}").Split('\n')
                .FirstOrDefault(line => line.EndsWith(handle, StringComparison.Ordinal))?.Replace(handle, "", StringComparison.Ordinal).Trim() ?? "";
        }
        catch (NftablesException)
        {
            return ""; // gone meanwhile
        }
    }
}
