using System.Globalization;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>What one device saw of a probe going one way.</summary>
/// <param name="What"><c>request</c>, <c>reply</c>, <c>ARP request</c> …</param>
/// <param name="Count">How many of them.</param>
/// <param name="Sent">Out of how many; for ARP, which has no number, as many as were seen.</param>
/// <param name="Source">Of the first, as it looked there.</param>
/// <param name="Destination">Of the first.</param>
/// <param name="Milliseconds">How long after the sending the first one came by.</param>
public sealed record Saw(string What, int Count, int Sent, IpAddress Source, IpAddress Destination, double Milliseconds)
{
    public static Saw Nothing(string what, int sent) => new(what, 0, sent, default, default, 0);

    /// <summary>For a narrow place.</summary>
    public string Short => string.Create(CultureInfo.InvariantCulture, $"{Count}/{Sent}");

    public override string ToString() => Count == 0
        ? string.Create(CultureInfo.InvariantCulture, $"no {What} of {Sent}")
        : string.Create(CultureInfo.InvariantCulture, $"{What} {Count}/{Sent}, {Source} → {Destination}, {Milliseconds:0.00} ms");
}
