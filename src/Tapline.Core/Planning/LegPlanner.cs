using Tapline.Core.Host;
using Tapline.Core.Model;

namespace Tapline.Core.Planning;

/// <summary>
/// The leg of a router or DHCP server: a veth pair from br-int into its namespace. Not an Open vSwitch internal port: with the
/// userspace datapath one stays behind in the namespace, addressed and dead, when ovs-vswitchd is killed.
/// </summary>
internal static class LegPlanner
{
    public static IEnumerable<HostItem> Plan(HostView view, Port port, string @namespace, string leg)
    {
        if (view.TagOf(port) is not { } tag)
        {
            yield break;
        }

        var owner = port.Key.ToString();
        var mtu = view.NetworkOf(port).Mtu;
        var switchEnd = Names.SwitchEnd(leg);
        yield return new HostItem.Link
        {
            Name = switchEnd,
            Kind = LinkKind.Veth,
            Peer = new LinkEnd(@namespace, leg),
            Mtu = mtu,
            TransmitOffload = false,
            Owner = owner,
        };
        yield return new HostItem.Link
        {
            In = @namespace,
            Name = leg,
            Kind = LinkKind.Veth,
            Peer = new LinkEnd("", switchEnd),
            Mac = port.Mac,
            Mtu = mtu,
            TransmitOffload = false,
            Owner = owner,
        };
        yield return VifPlanner.Silent(switchEnd, owner);
        yield return new HostItem.OvsPort
        {
            Name = switchEnd,
            Bridge = Names.IntegrationBridge,
            Tag = tag,
            ExternalIds = VifPlanner.ExternalIds(port, zone: null),
            Owner = owner,
        };
        foreach (var address in view.AddressesOf(port))
        {
            yield return new HostItem.Address(@namespace, leg, address) { Owner = owner };
        }
    }
}
