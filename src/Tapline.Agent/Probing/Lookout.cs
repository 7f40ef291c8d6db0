using Tapline.Core.Primitives;

namespace Tapline.Agent.Probing;

/// <summary>Where to look for traffic, and for which.</summary>
/// <param name="Namespaces">On all of whose devices; the host's own is empty.</param>
/// <param name="Promiscuous">Devices that show frames for others to a promiscuous listener only.</param>
/// <param name="Addresses">IPv4: of interest is what goes from one of them to another, and ARP of one for another.</param>
public sealed record Lookout(ValueList<string> Namespaces, ValueList<(string Namespace, string Device)> Promiscuous, ValueList<IpAddress> Addresses);
