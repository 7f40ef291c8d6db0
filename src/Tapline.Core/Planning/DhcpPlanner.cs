using System.Globalization;
using System.Text;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>A network's DHCP server: a namespace with one leg and dnsmasq, which answers known ports alone.</summary>
internal static class DhcpPlanner
{
    private const int LeaseSeconds = 86400; // Neutron's dhcp_lease_duration

    public static IEnumerable<HostItem> Plan(HostView view) => view.DhcpPorts.SelectMany(port => Plan(view, port));

    /// <summary>The subnets that it serves.</summary>
    public static IEnumerable<Subnet> SubnetsOf(Topology topology, Id<Network> network) =>
        topology.SubnetsOf(network).Where(subnet => subnet is { EnableDhcp: true, Cidr.Address.IsV6: false }).OrderBy(subnet => subnet.Id);

    private static IEnumerable<HostItem> Plan(HostView view, Port port)
    {
        var ns = Names.DhcpNamespace(port.NetworkId);
        var leg = Names.Tap(port.Id);
        var subnets = SubnetsOf(view.Topology, port.NetworkId).ToList();
        yield return new HostItem.Namespace(ns) { Owner = view.NetworkOf(port).Key.ToString() };
        foreach (var item in LegPlanner.Plan(view, port, ns, leg))
        {
            yield return item;
        }

        yield return new HostItem.Process
        {
            In = ns,
            Name = "dnsmasq",
            Command = Command(leg, subnets),
            Files = new([.. Options(view.NetworkOf(port), subnets), .. HostFiles(view, port.NetworkId, subnets)]),
            Owner = port.Key.ToString(),
        };
    }

    private static ValueList<string> Command(string leg, List<Subnet> subnets) =>
    [
        // --no-daemon: without root, dnsmasq dies when it tries to change its groups.
        "dnsmasq", "--no-daemon", "--user=root", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--port=0", "--bind-dynamic",
        $"--interface={leg}", "--except-interface=lo", "--dhcp-authoritative", "--dhcp-leasefile=@leases", "--dhcp-hostsdir=@hosts",
        "--dhcp-optsdir=@options", "--dhcp-no-override", "--log-facility=@log",
        .. subnets.Select(subnet => $"--dhcp-range=set:{Tag(subnet)},{subnet.Cidr.First},static,{Netmask(subnet.Cidr)},{LeaseSeconds}s"),
        $"--dhcp-lease-max={subnets.Sum(subnet => 1 << Math.Min(32 - subnet.Cidr.Length, 16))}",
    ];

    private static string Tag(Subnet subnet) => "s" + subnet.Id.Short;

    private static string Netmask(IpPrefix cidr) =>
        new IpAddress(cidr.Length == 0 ? 0 : uint.MaxValue << (32 - cidr.Length), IsV6: false).ToString();

    private static IEnumerable<ProcessFile> Options(Network network, List<Subnet> subnets)
    {
        foreach (var subnet in subnets)
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"tag:{Tag(subnet)},option:mtu,{network.Mtu}\n");

            // An empty router option keeps dnsmasq from naming itself.
            text.Append(CultureInfo.InvariantCulture, $"tag:{Tag(subnet)},option:router{(subnet.GatewayIp is { } router ? $",{router}" : "")}\n");
            var dns = subnet.DnsNameservers.Where(address => !address.IsV6).ToList();
            if (dns.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"tag:{Tag(subnet)},option:dns-server,{string.Join(',', dns)}\n");
            }

            foreach (var routes in StaticRoutes(subnet))
            {
                text.Append(CultureInfo.InvariantCulture, $"tag:{Tag(subnet)},{routes}\n");
            }

            yield return new ProcessFile($"options/{subnet.Id}", text.ToString());
        }
    }

    /// <summary>Option 121 (RFC 3442) and Microsoft's 249; a client that takes them ignores the router option, so the default is in them.</summary>
    private static IEnumerable<string> StaticRoutes(Subnet subnet)
    {
        var routes = subnet.HostRoutes.Where(route => !route.NextHop.IsV6).Select(route => $"{route.Destination},{route.NextHop}").ToList();
        if (routes.Count == 0)
        {
            return [];
        }

        var all = string.Join(',', subnet.GatewayIp is { } gateway ? [.. routes, $"0.0.0.0/0,{gateway}"] : routes);
        return [$"option:classless-static-route,{all}", $"249,{all}"];
    }

    /// <summary>A file a port. No tags in them: with one, dnsmasq 2.90 crashes on SIGHUP once it has served a lease.</summary>
    private static IEnumerable<ProcessFile> HostFiles(HostView view, Id<Network> network, List<Subnet> subnets)
    {
        var served = subnets.Select(subnet => subnet.Id).ToHashSet();
        foreach (var port in view.Topology.PortsOf(network).Where(port => port.DeviceOwner != DeviceOwner.Dhcp).OrderBy(port => port.Id))
        {
            var lines = port.FixedIps.Where(fixedIp => served.Contains(fixedIp.SubnetId))
                .Select(fixedIp => $"{port.Mac},{fixedIp.Address},host-{fixedIp.Address.ToString().Replace('.', '-')}\n").ToList();
            if (lines.Count > 0)
            {
                yield return new ProcessFile($"hosts/{port.Id}", string.Concat(lines));
            }
        }
    }
}
