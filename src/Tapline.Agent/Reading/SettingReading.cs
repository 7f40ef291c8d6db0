using System.Globalization;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>The sysctls that decide about packets, and the kernel's own counters, of the calling thread's namespace.</summary>
internal static class SettingReading
{
    private static readonly string[] Plain =
    [
        "net/ipv4/ip_forward", "net/ipv4/icmp_echo_ignore_all", "net/ipv4/icmp_echo_ignore_broadcasts", "net/ipv4/ip_nonlocal_bind",
        "net/ipv4/ip_default_ttl", "net/ipv4/ip_no_pmtu_disc", "net/ipv4/fwmark_reflect", "net/ipv4/fib_multipath_hash_policy",
        "net/ipv4/icmp_ratelimit", "net/ipv4/neigh/default/gc_thresh1", "net/ipv4/neigh/default/gc_thresh2", "net/ipv4/neigh/default/gc_thresh3",
        "net/ipv6/icmp/echo_ignore_all", "net/ipv6/bindv6only", "net/ipv6/neigh/default/gc_thresh3",
        "net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables", "net/bridge/bridge-nf-call-arptables",
        "net/bridge/bridge-nf-filter-vlan-tagged", "net/bridge/bridge-nf-filter-pppoe-tagged", "net/bridge/bridge-nf-pass-vlan-input-dev",
        "net/netfilter/nf_conntrack_max", "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_checksum",
        "net/netfilter/nf_conntrack_tcp_be_liberal", "net/netfilter/nf_conntrack_tcp_loose", "net/netfilter/nf_conntrack_acct",
        "net/netfilter/nf_conntrack_icmp_timeout", "net/netfilter/nf_conntrack_udp_timeout",
    ];

    /// <summary>Names below net/ipv4/conf/LINK by IPV4_DEVCONF_* of linux/ip.h.</summary>
    private static readonly (int Number, string Name)[] Ipv4 =
    [
        (1, "forwarding"), (3, "proxy_arp"), (6, "send_redirects"), (8, "rp_filter"), (13, "arp_filter"), (18, "arp_announce"), (19, "arp_ignore"),
        (21, "arp_accept"), (23, "accept_local"), (24, "src_valid_mark"), (25, "proxy_arp_pvlan"), (26, "route_localnet"),
        (29, "ignore_routes_with_linkdown"), (30, "drop_unicast_in_l2_multicast"), (31, "drop_gratuitous_arp"), (32, "bc_forwarding"),
    ];

    /// <summary>Names below net/ipv6/conf/LINK by DEVCONF_* of linux/ipv6.h, plus one as IPv4 counts.</summary>
    private static readonly (int Number, string Name)[] Ipv6 = [(1, "forwarding"), (4, "accept_ra"), (23, "proxy_ndp"), (27, "disable_ipv6")];

    private static readonly string[] Everywhere =
    [
        .. Plain,
        .. Ipv4.Select(setting => $"net/ipv4/conf/all/{setting.Name}"),
        .. Ipv6.Select(setting => $"net/ipv6/conf/all/{setting.Name}"),
    ];

    private static readonly string[] CounterFiles = ["/proc/thread-self/net/snmp", "/proc/thread-self/net/netstat"];

    /// <summary>Those of links come with the links: a file each would be thousands on a large host.</summary>
    public static ValueList<Setting> Sysctls(IEnumerable<LinkDetail> links) =>
    [
        .. Sysctl.ReadManyHere(Everywhere).Select(pair => new Setting(pair.Key, pair.Value.Replace('\t', ' '))),
        .. links.SelectMany(link => Of(link.Link.Name, "ipv4", Ipv4, link.Ipv4Settings).Concat(Of(link.Link.Name, "ipv6", Ipv6, link.Ipv6Settings))),
    ];

    /// <summary>Those that are not zero, named as nstat names them.</summary>
    public static ValueList<Setting> Counters()
    {
        var counters = new List<Setting>();
        foreach (var file in CounterFiles)
        {
            AddPairs((KernelFile.Read(file) ?? "").Split('\n'), counters);
        }

        counters.AddRange(
            from line in (KernelFile.Read("/proc/thread-self/net/snmp6") ?? "").Split('\n')
            where line.StartsWith('I') && !line.EndsWith("\t0", StringComparison.Ordinal)
            let words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
            where words.Length == 2 && words[1] != "0"
            select new Setting(words[0], words[1]));
        AddConntrack(counters);
        return counters.ToValueList();
    }

    private static IEnumerable<Setting> Of(string link, string family, (int Number, string Name)[] settings, IReadOnlyList<int> values) =>
        from setting in settings
        where setting.Number <= values.Count
        select new Setting($"net/{family}/conf/{link}/{setting.Name}", values[setting.Number - 1].ToString(CultureInfo.InvariantCulture));

    /// <summary>Lines come in twos: names behind <c>Ip:</c>, then numbers behind the same.</summary>
    private static void AddPairs(string[] lines, List<Setting> into)
    {
        for (var i = 0; i + 1 < lines.Length; i += 2)
        {
            var (names, values) = (lines[i].Split(' '), lines[i + 1].Split(' '));
            var prefix = names[0].TrimEnd(':');
            if (prefix is "Udp" or "UdpLite" or "Tcp" or "MPTcpExt")
            {
                continue; // of what runs on the host, not of the way through it
            }

            into.AddRange(
                from index in Enumerable.Range(1, Math.Min(names.Length, values.Length) - 1)
                where values[index] != "0" && (prefix != "TcpExt" || IsOfTheWay(names[index]))
                select new Setting(prefix + names[index], values[index]));
        }
    }

    private static bool IsOfTheWay(string name) =>
        name.Contains("Filter", StringComparison.Ordinal) || name.Contains("Drop", StringComparison.Ordinal) || name.StartsWith("ArpFilter", StringComparison.Ordinal);

    /// <summary>A line of hexadecimal numbers a processor, under a line of names.</summary>
    private static void AddConntrack(List<Setting> into)
    {
        const string File = "/proc/thread-self/net/stat/nf_conntrack";
        if (KernelFile.Read(File) is not { } text)
        {
            return;
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var column = 1; column < names.Length; column++)
        {
            var sum = lines.Skip(1).Sum(line =>
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var numbers && column < numbers.Length
                && long.TryParse(numbers[column], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0);
            if (sum > 0)
            {
                into.Add(new Setting($"nf_conntrack {names[column]}", sum.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }
}
