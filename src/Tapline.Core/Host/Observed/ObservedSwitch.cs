using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>Open vSwitch as its database, its daemon and its bridges tell.</summary>
public sealed record ObservedSwitch
{
    /// <summary>Of ovs-vswitchd; empty where it was not told.</summary>
    public string Version { get; init; } = "";

    /// <summary>ovs-vswitchd answers on its control socket. Where it does not, nothing of <see cref="ObservedBridgeOfSwitch.Flows"/> could be read.</summary>
    public bool DaemonAnswers { get; init; }

    public ValueList<ObservedBridgeOfSwitch> Bridges { get; init; }
}

/// <summary>A bridge of Open vSwitch.</summary>
public sealed record ObservedBridgeOfSwitch
{
    public required string Name { get; init; }

    /// <summary><c>system</c>, <c>netdev</c> or <c>dummy</c>.</summary>
    public string DatapathType { get; init; } = "";

    /// <summary><c>secure</c>, or <c>standalone</c> (then it forwards like a plain switch where no controller has set flows).</summary>
    public string FailMode { get; init; } = "standalone";

    public ValueList<Setting> ExternalIds { get; init; }

    public ValueList<Setting> OtherConfig { get; init; }

    /// <summary>
    /// Mirrors and the like that change where frames go; empty for none: <c>stp_enable=true</c>, <c>rstp_enable=true</c>,
    /// <c>mcast_snooping_enable=true</c>, <c>flood_vlans=1,2</c>, <c>mirror NAME output_port=PORT …</c>.
    /// </summary>
    public ValueList<string> Extras { get; init; }

    public ValueList<ObservedPort> Ports { get; init; }

    /// <summary>
    /// A line each as <c>ovs-appctl bridge/dump-flows</c> or <c>ovs-ofctl dump-flows</c> prints them, all tables; ports by name or number.
    /// The latter translates into the words of one OpenFlow version: <c>push_vlan</c> becomes <c>mod_vlan_vid</c> in 1.0 and the reverse in
    /// later ones, and 1.0 has no <c>write_actions</c>.
    /// </summary>
    public ValueList<string> Flows { get; init; }

    /// <summary>A line each as <c>ovs-ofctl dump-groups</c> prints them.</summary>
    public ValueList<string> Groups { get; init; }

    /// <summary>What NORMAL has learned.</summary>
    public ValueList<LearnedMac> Fdb { get; init; }
}

/// <summary>A port of a bridge.</summary>
public sealed record ObservedPort
{
    public required string Name { get; init; }

    /// <summary>The VLAN of an access port.</summary>
    public int? Tag { get; init; }

    public ValueList<int> Trunks { get; init; }

    /// <summary><c>access</c>, <c>trunk</c>, <c>native-tagged</c>, <c>native-untagged</c>, <c>dot1q-tunnel</c>; empty for what follows from tag and trunks.</summary>
    public string VlanMode { get; init; } = "";

    /// <summary><c>priority-tags</c> and others; the column <c>protected</c> too, where it is set.</summary>
    public ValueList<Setting> OtherConfig { get; init; }

    /// <summary>One, unless it is a bond.</summary>
    public ValueList<ObservedInterface> Interfaces { get; init; }
}

/// <summary>An interface of a port.</summary>
public sealed record ObservedInterface
{
    public required string Name { get; init; }

    /// <summary>Empty for a device of the system, else <c>internal</c>, <c>patch</c>, <c>vxlan</c> …</summary>
    public string Type { get; init; } = "";

    /// <summary>-1 where ovs-vswitchd could not add it, null where it has not tried.</summary>
    public int? Ofport { get; init; }

    /// <summary>Why it could not be added.</summary>
    public string Error { get; init; } = "";

    /// <summary><c>up</c> or <c>down</c>, as the daemon sees it; empty where it does not tell.</summary>
    public string LinkState { get; init; } = "";

    public string AdminState { get; init; } = "";

    public ValueList<Setting> Options { get; init; }

    public ValueList<Setting> ExternalIds { get; init; }

    /// <summary>OpenFlow port settings that stop frames: <c>PORT_DOWN</c>, <c>NO_RECV</c>, <c>NO_FWD</c>, <c>NO_FLOOD</c>.</summary>
    public ValueList<string> Config { get; init; }

    /// <summary>Received and transmitted packets and drops, as far as they are told.</summary>
    public LinkCounters? Counters { get; init; }

    public string? Option(string name) => Options.FirstOrDefault(option => option.Name == name)?.Value;

    public string? ExternalId(string name) => ExternalIds.FirstOrDefault(option => option.Name == name)?.Value;
}

/// <summary>An address that a bridge of Open vSwitch has learned.</summary>
public sealed record LearnedMac(string Port, int Vlan, MacAddress Mac, int Age);
