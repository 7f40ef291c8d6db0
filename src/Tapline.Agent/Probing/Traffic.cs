using System.Collections.Concurrent;
using Tapline.Core.Primitives;
using Tapline.Wire;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>Looks at traffic that is there already, and changes nothing by it.</summary>
public static class Traffic
{
    private const int Most = 20_000;
    private const int MostAddresses = 16;

    /// <summary>What comes by until the time is over, it is asked to stop, or more has come than can be kept; in the order of time.</summary>
    /// <param name="lookout">Where, and what.</param>
    /// <param name="device">Only on devices of this name; null for all.</param>
    /// <param name="limit">How long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<IReadOnlyList<SeenFrame>> WatchAsync(Lookout lookout, string? device, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lookout);
        var seen = new ConcurrentQueue<SeenFrame>();
        var addresses = lookout.Addresses.Take(MostAddresses).ToHashSet();
        await using (var listener = new DeviceListener(FrameFilter.Addresses(addresses.Select(address => (uint)address.Bits)), (name, link, frame) =>
        {
            if (seen.Count < Most && (device is null || link.Name == device) && link.Name != "lo" && Parse(frame) is { } parsed && IsBetween(parsed, addresses))
            {
                seen.Enqueue(new SeenFrame(name, link.Name, frame, parsed));
            }
        }))
        {
            foreach (var name in lookout.Namespaces)
            {
                using var ns = NetNamespace.Open(NamespacePaths.Of(name));
                listener.Add(name, ns, lookout.Promiscuous.Where(item => item.Namespace == name).Select(item => item.Device));
            }

            await Task.Delay(limit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return [.. seen.OrderBy(item => item.Frame.TimestampNanoseconds).ThenBy(item => !item.Frame.IsOutgoing)];
    }

    private static ParsedFrame? Parse(CapturedFrame frame)
    {
        try
        {
            return ParsedFrame.Parse(frame.Bytes);
        }
        catch (WireFormatException)
        {
            return null; // no Ethernet
        }
    }

    private static bool IsBetween(ParsedFrame parsed, HashSet<IpAddress> addresses) =>
        (parsed.Arp?.SenderIp ?? parsed.SourceIp) is { } source && (parsed.Arp?.TargetIp ?? parsed.DestinationIp) is { } destination
        && addresses.Contains(IpAddress.From(source)) && addresses.Contains(IpAddress.From(destination));
}

/// <summary>A frame as one device saw it.</summary>
public sealed record SeenFrame(string Namespace, string Device, CapturedFrame Frame, ParsedFrame Parsed);
