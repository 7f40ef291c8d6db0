namespace Tapline.Wire.Ovs;

/// <summary>The packets that entered a bridge by a port and that left it there, since the port was made.</summary>
public readonly record struct PortCounters(uint Port, ulong Received, ulong Sent);
