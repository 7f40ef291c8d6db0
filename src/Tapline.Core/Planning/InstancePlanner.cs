using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>A light instance: a namespace whose VIFs are veth pairs, the host's end named as a hypervisor would name its TAP.</summary>
internal static class InstancePlanner
{
    private const string ClientScript = """
        #!/bin/sh
        # Called by udhcpc with what the server said in the environment.
        case "$1" in
        deconfig)
            busybox ip addr flush dev "$interface" ;;
        bound|renew)
            [ -n "$mtu" ] && busybox ip link set "$interface" mtu "$mtu"
            busybox ip -4 addr show dev "$interface" | grep -q " $ip/$mask " || {
                busybox ip -4 addr flush dev "$interface"
                busybox ip addr add "$ip/$mask" dev "$interface"
            }
            if [ -n "$staticroutes" ]; then
                set -- $staticroutes
                while [ -n "$2" ]; do
                    busybox ip route replace "$1" via "$2" dev "$interface"
                    shift 2
                done
            else
                for r in $router; do
                    busybox ip route replace default via "$r" dev "$interface"
                done
            fi
            {
                [ -n "$domain" ] && echo "search $domain"
                for s in $dns; do echo "nameserver $s"; done
            } > /etc/resolv.conf ;;
        esac
        """;

    public static IEnumerable<HostItem> Plan(HostView view) => view.Instances.SelectMany(instance => Plan(view, instance));

    private static IEnumerable<HostItem> Plan(HostView view, Instance instance)
    {
        var ns = Names.InstanceNamespace(instance.Id);
        yield return new HostItem.Namespace(ns) { Owner = instance.Key.ToString() };
        var ports = instance.PortIds.Select(id => view.Topology.Ports.GetValueOrDefault(id)).OfType<Port>().Where(port => port.HostId == view.Host.Name);
        foreach (var (index, port) in ports.Index())
        {
            foreach (var item in Vif(view, ns, $"eth{index}", port))
            {
                yield return item;
            }
        }
    }

    private static IEnumerable<HostItem> Vif(HostView view, string ns, string guest, Port port)
    {
        var owner = port.Key.ToString();
        var tap = Names.Tap(port.Id);
        var mtu = view.NetworkOf(port).Mtu;

        // The host's end must not carry the instance's own MAC, or the bridge keeps its frames; fe: is libvirt's way.
        var hostMac = new MacAddress((port.Mac.Value & 0x00ff_ffff_ffff) | 0xfe00_0000_0000);
        yield return new HostItem.Link
        {
            Name = tap,
            Kind = LinkKind.Veth,
            Peer = new LinkEnd(ns, guest),
            Mac = hostMac,
            Mtu = mtu,
            Master = Names.Qbr(port.Id),
            Owner = owner,
        };
        yield return new HostItem.Link
        {
            In = ns,
            Name = guest,
            Kind = LinkKind.Veth,
            Peer = new LinkEnd("", tap),
            Mac = port.Mac,
            Owner = owner,
        };
        yield return VifPlanner.Silent(tap, owner);
        yield return new HostItem.Process
        {
            In = ns,
            Name = $"dhcp-{guest}",
            Command = ["busybox", "udhcpc", "-f", "-i", guest, "-t", "3", "-T", "1", "-A", "1", "-O", "mtu", "-O", "staticroutes", "-s", "@event"],
            Files = [new ProcessFile("event", ClientScript + "\n")],
            Mounts = [new Setting("resolv.conf", "/etc/resolv.conf")],
            Owner = owner,
        };
    }
}
