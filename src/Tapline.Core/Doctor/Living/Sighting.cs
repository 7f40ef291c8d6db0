using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>A device saw a frame of the probe, or ARP for its sake.</summary>
/// <param name="Namespace">Empty for the host's own.</param>
/// <param name="Device">Which device.</param>
/// <param name="IsOutgoing">The device sent it; else it came in.</param>
/// <param name="Leg">What it is.</param>
/// <param name="Sequence">Which of the probe's packets it is about, from 1; 0 for ARP.</param>
/// <param name="Source">From; of ARP the sender's address.</param>
/// <param name="Destination">To; of ARP the address asked for, or who is answered.</param>
/// <param name="At">When, in nanoseconds of one clock for all.</param>
public sealed record Sighting(
    string Namespace, string Device, bool IsOutgoing, Leg Leg, int Sequence, IpAddress Source, IpAddress Destination, long At)
{
    /// <summary>Of ICMP errors: what they say, in words.</summary>
    public string Says { get; init; } = "";

    /// <summary>A bridge's own device, which is shown a copy of what goes through the bridge, in the same moment or after it has left.</summary>
    public bool IsCopy { get; init; }

    /// <summary>The frame's: to which hardware address.</summary>
    public MacAddress EtherDestination { get; init; }

    /// <summary>Of ARP: the sender's hardware address.</summary>
    public MacAddress Mac { get; init; }

    public bool IsAt(string ns, string device) => Device == device && Namespace == ns;
}
