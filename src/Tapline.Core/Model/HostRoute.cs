using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A route by a next hop: a subnet's <c>host_routes</c> and a router's <c>routes</c>.</summary>
public sealed record HostRoute(IpPrefix Destination, IpAddress NextHop);
