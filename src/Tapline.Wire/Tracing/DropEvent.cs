using System.Globalization;

namespace Tapline.Wire.Tracing;

/// <summary>The kernel threw a packet away.</summary>
/// <param name="Nanoseconds">When, by the monotonic clock.</param>
/// <param name="Protocol">The EtherType.</param>
/// <param name="Location">The function that did it.</param>
/// <param name="Reason">The kernel's name for why: <c>NETFILTER_DROP</c>, <c>NOT_SPECIFIED</c> …</param>
public readonly record struct DropEvent(long Nanoseconds, int Protocol, string Location, string Reason)
{
    /// <summary>
    /// A line of tracefs: <c>ping-12 [000] b.s2. 8.123456: kfree_skb: skbaddr=… protocol=2048 location=ip_error+0x1/0x2 reason: NO_ROUTE</c>;
    /// null for other lines.
    /// </summary>
    public static DropEvent? Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var at = line.IndexOf(": kfree_skb: ", StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var time = line.AsSpan(line.LastIndexOf(' ', at - 1) + 1, at - line.LastIndexOf(' ', at - 1) - 1);
        return double.TryParse(time, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && int.TryParse(Word(line, "protocol="), NumberStyles.None, CultureInfo.InvariantCulture, out var protocol)
            ? new DropEvent((long)(seconds * 1e9), protocol, Word(line, "location=").Split('+')[0], Word(line, "reason: "))
            : null;
    }

    private static string Word(string line, string before)
    {
        var start = line.IndexOf(before, StringComparison.Ordinal);
        return start < 0 ? "" : line[(start + before.Length)..].Split(' ', 2)[0].TrimEnd('\n');
    }
}
