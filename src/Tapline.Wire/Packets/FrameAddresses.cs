using System.Net;

namespace Tapline.Wire.Packets;

/// <summary>Who sends a frame to whom, on both layers.</summary>
public readonly record struct FrameAddresses(byte[] Source, byte[] Destination, IPAddress SourceIp, IPAddress DestinationIp);
