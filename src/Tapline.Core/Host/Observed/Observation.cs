using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>
/// A whole host as it was at one moment, whoever set it up: what is configured and what can only be read (counters, learned addresses,
/// connections). The doctor traces on this alone; as JSON it is the file of <c>tapline observe</c>.
/// </summary>
public sealed record Observation
{
    /// <summary>Of the file: readers refuse another one.</summary>
    public const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The host's name, as uname has it.</summary>
    public required string Host { get; init; }

    /// <summary>The kernel's release.</summary>
    public required string Kernel { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The host's own first (its name is empty), then the others by name.</summary>
    public ValueList<ObservedNamespace> Namespaces { get; init; }

    /// <summary>Null where Open vSwitch's database does not answer.</summary>
    public ObservedSwitch? Switch { get; init; }

    /// <summary>Programs that serve the networks: dnsmasq, metadata proxies, ovs-vswitchd, ovsdb-server, agents.</summary>
    public ValueList<ObservedProcess> Processes { get; init; }

    /// <summary>What else has a say on this machine, name and state: <c>firewalld running</c>, <c>selinux enforcing</c>, <c>nf_conntrack_max 262144</c>.</summary>
    public ValueList<Setting> Facts { get; init; }

    /// <summary>What could not be read, and why; a trace that needs it ends in "unknown".</summary>
    public ValueList<string> Unread { get; init; }

    public ObservedNamespace? Namespace(string name) => Namespaces.FirstOrDefault(ns => ns.Name == name);
}
