namespace Tapline.Core.Doctor.Tracing;

/// <summary>Where a packet is next.</summary>
/// <param name="Namespace">In which network namespace.</param>
/// <param name="Device">At which of its devices.</param>
/// <param name="Packet">As it looks there.</param>
public abstract record Position(string Namespace, string Device, Packet Packet)
{
    /// <summary>The kernel takes it in from the device.</summary>
    public sealed record Arriving(string Namespace, string Device, Packet Packet) : Position(Namespace, Device, Packet);

    /// <summary>It is given to the device to send.</summary>
    public sealed record Leaving(string Namespace, string Device, Packet Packet) : Position(Namespace, Device, Packet);

    /// <summary>A namespace's own stack sends it; way, device and neighbour are still to be found.</summary>
    public sealed record Sent(string Namespace, Packet Packet) : Position(Namespace, "", Packet);

    /// <summary>A stack has found way and device; the neighbour's hardware address is still to be found.</summary>
    public sealed record ToNeighbour(string Namespace, string Device, Primitives.IpAddress Neighbour, Packet Packet) : Position(Namespace, Device, Packet);

    /// <summary>Open vSwitch takes it in by the port that the device is.</summary>
    public sealed record AtSwitch(string Namespace, string Device, Packet Packet) : Position(Namespace, Device, Packet);
}
