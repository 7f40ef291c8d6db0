using Tapline.Wire.Ovs;

namespace Tapline.Demo;

/// <summary>The packets that each switch port took in and gave out.</summary>
internal sealed class SwitchCounters(IReadOnlyDictionary<string, PortCounters> ports)
{
    /// <summary>
    /// All bridges' counters as they are now. What the datapath carries by itself is credited to patch ports half a second later, so
    /// its flows are purged first, which credits them at once; the next packets make them anew.
    /// </summary>
    public static async Task<SwitchCounters> ReadAsync(string runDirectory, string controlSocket, IEnumerable<string> bridges, CancellationToken cancellationToken)
    {
        await Unixctl.CallAsync(controlSocket, "revalidator/purge", [], cancellationToken).ConfigureAwait(false);
        var ports = new Dictionary<string, PortCounters>(StringComparer.Ordinal);
        foreach (var bridge in bridges)
        {
            await using var connection = await OpenFlowConnection.ConnectAsync(Path.Combine(runDirectory, $"{bridge}.mgmt"), cancellationToken).ConfigureAwait(false);
            var names = (await connection.PortsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(port => port.Number, port => port.Name);
            foreach (var counters in await connection.PortCountersAsync(cancellationToken).ConfigureAwait(false))
            {
                if (names.TryGetValue(counters.Port, out var name))
                {
                    ports[name] = counters;
                }
            }
        }

        return new SwitchCounters(ports);
    }

    /// <summary>What came in by the port since <paramref name="before"/>; nothing where it was not there, or has been made anew.</summary>
    public ulong ReceivedSince(SwitchCounters before, string port) => Grown(Find(port).Received, before.Find(port).Received);

    /// <summary>The same of what went out.</summary>
    public ulong SentSince(SwitchCounters before, string port) => Grown(Find(port).Sent, before.Find(port).Sent);

    private static ulong Grown(ulong now, ulong before) => now > before ? now - before : 0;

    private PortCounters Find(string port) => ports.GetValueOrDefault(port);
}
