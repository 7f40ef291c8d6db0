using System.Text.Json.Serialization;
using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>One network namespace.</summary>
public sealed record ObservedNamespace
{
    /// <summary>Empty for the host's own, the name below /run/netns, or <c>pid:NUMBER</c> for one that only a process holds.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace's own number (nsfs inode).</summary>
    public ulong Inode { get; init; }

    /// <summary>Only links and addresses were read: nothing below says that there is nothing.</summary>
    public bool IsPartial { get; init; }

    public ValueList<ObservedLink> Links { get; init; }

    public ValueList<ObservedAddress> Addresses { get; init; }

    /// <summary>Of all tables, the local one included.</summary>
    public ValueList<ObservedRoute> Routes { get; init; }

    /// <summary>
    /// Whether IPv4's table local is looked up before main; else the longest prefix of both wins. It is, for good, from the first rule that
    /// somebody adds on, also when he takes it away. Null where the routes make it no difference.
    /// </summary>
    public bool? IsLocalTableFirst { get; init; }

    /// <summary>
    /// Whether IPv4 sources are judged by routes; else by the namespace's addresses alone. They are, for good, from the first policy rule or
    /// local route on that somebody adds, also when he takes it away again. Null where the routes make it no difference, or no device is
    /// there by which the kernel could be asked.
    /// </summary>
    public bool? ChecksSourcesByRoutes { get; init; }

    /// <summary>Policy rules, by priority.</summary>
    public ValueList<ObservedRule> Rules { get; init; }

    public ValueList<ObservedNeighbour> Neighbours { get; init; }

    /// <summary>Forwarding entries of the Linux bridges.</summary>
    public ValueList<ObservedFdbEntry> Fdb { get; init; }

    /// <summary>Those that decide about packets, by path below /proc/sys with slashes.</summary>
    public ValueList<Setting> Sysctls { get; init; }

    public ValueList<ObservedQdisc> Qdiscs { get; init; }

    /// <summary>Classifiers of <see cref="Qdiscs"/>: what tc does with packets.</summary>
    public ValueList<ObservedQdisc> Filters { get; init; }

    /// <summary>nft's own JSON of <c>list ruleset</c>; null where there is no table.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Nftables { get; init; }

    /// <summary>What iptables, ip6tables, ebtables and arptables save, of the legacy kind and of nft's, where there is any.</summary>
    public ValueList<RuleDump> Iptables { get; init; }

    /// <summary>What <c>ipset save</c> prints; null where there is none.</summary>
    public string? Ipsets { get; init; }

    /// <summary>Tracked connections, bounded in number.</summary>
    public ValueList<ObservedConnection> Connections { get; init; }

    /// <summary>The kernel's counters that tell of drops: <c>TcpExtIPReversePathFilter</c> and the like.</summary>
    public ValueList<Setting> Counters { get; init; }

    public ObservedLink? Link(string name) => Links.FirstOrDefault(link => link.Name == name);

    public string? Sysctl(string path) => Sysctls.FirstOrDefault(setting => setting.Name == path)?.Value;
}

/// <summary>Rules in the words of a program of the iptables family.</summary>
/// <param name="Program"><c>iptables-legacy</c>, <c>iptables-nft</c>, <c>ip6tables-legacy</c>, <c>ebtables-nft</c> …</param>
/// <param name="Text">What its <c>-save -c</c> prints.</param>
public sealed record RuleDump(string Program, string Text);

/// <summary>A queueing discipline or a classifier of tc.</summary>
/// <param name="Device">Whose.</param>
/// <param name="Parent"><c>root</c>, <c>ingress</c>, <c>egress</c>, or tc's number.</param>
/// <param name="Kind"><c>clsact</c>, <c>netem</c>, <c>u32</c> …</param>
/// <param name="Text">As tc prints it.</param>
public sealed record ObservedQdisc(string Device, string Parent, string Kind, string Text);
