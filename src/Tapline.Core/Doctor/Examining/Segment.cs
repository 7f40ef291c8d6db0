using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>A tenant network as an instance on it knows it: what is near, and who leads further.</summary>
/// <param name="Prefix">Addresses of the same network.</param>
/// <param name="Gateway">Null where none is told.</param>
internal sealed record Segment(IpPrefix Prefix, IpAddress? Gateway)
{
    /// <summary>By the cloud's word, else by the legs of routers and DHCP servers that the address would be near; null where nothing tells.</summary>
    public static Segment? Of(World world, Topology intent, GuestFacts guest, IpAddress address) =>
        ByIntent(intent, guest, address) ?? ByLegs(world, address) ?? Usual(address);

    public IpAddress? NextHop(IpAddress destination) => Prefix.Contains(destination) ? destination : Gateway;

    /// <summary>Where nothing tells: what most tenant networks are like. A router that has lost its address is found by it.</summary>
    private static Segment? Usual(IpAddress address) =>
        address.IsV6 ? null : new Segment(new IpPrefix(address, 24).Network, new IpPrefix(address, 24).First.Plus(1));

    private static Segment? ByIntent(Topology intent, GuestFacts guest, IpAddress address) =>
        intent.Ports.Values.Where(port => "tap" + port.Id.Short == guest.Tap).SelectMany(port => port.FixedIps)
            .Where(ip => ip.Address == address && intent.Subnets.ContainsKey(ip.SubnetId)).Select(ip => intent.Subnets[ip.SubnetId])
            .Select(subnet => new Segment(subnet.Cidr, subnet.GatewayIp)).FirstOrDefault();

    private static Segment? ByLegs(World world, IpAddress address)
    {
        var legs = (from ns in world.Seen.Namespaces
                    where Places.Of(world, ns.Name) == Place.Service
                    from leg in ns.Addresses
                    where leg.Prefix.Length < leg.Prefix.Address.Width && leg.Prefix.Contains(address) && leg.Prefix.Address != address
                    orderby leg.Device.StartsWith("qr-", StringComparison.Ordinal) descending
                    select leg).ToList();
        var router = legs.FirstOrDefault(leg => leg.Device.StartsWith("qr-", StringComparison.Ordinal));
        return legs is [var first, ..] ? new Segment(first.Prefix.Network, router?.Prefix.Address ?? DhcpGateways.In(world, first.Prefix) ?? first.Prefix.Network.First.Plus(1)) : null;
    }
}
