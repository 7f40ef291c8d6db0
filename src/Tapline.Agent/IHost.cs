using System.Collections.Immutable;
using Tapline.Core.Diff;
using Tapline.Core.Host;

namespace Tapline.Agent;

/// <summary>A host that can be looked at and changed. The kernel's is <see cref="LinuxHost"/>; tests have a model that refuses what a kernel refuses.</summary>
public interface IHost
{
    /// <summary>
    /// What the host looks like. Aspects not asked for are taken over from <paramref name="known"/>; of sysctls, those in
    /// <paramref name="wanted"/> are read.
    /// </summary>
    Task<HostState> ObserveAsync(HostState known, HostState wanted, Aspects aspects, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the changes of one of <see cref="ChangeGroups"/>, all or none: none if it throws a <see cref="HostException"/>. Making a
    /// single one again does no harm, removing what is gone is success.
    /// </summary>
    Task ApplyAsync(ImmutableArray<HostChange> group, CancellationToken cancellationToken);
}

/// <summary>The parts of a host that are read apart from each other.</summary>
[Flags]
public enum Aspects
{
    None = 0,

    /// <summary>Namespaces, links, addresses, routes.</summary>
    Devices = 1,
    Sysctls = 2,

    /// <summary>Open vSwitch's bridges and ports.</summary>
    Switch = 4,
    Flows = 8,

    /// <summary>nftables of the host's own namespace: long, with many ports.</summary>
    Firewall = 16,

    /// <summary>nftables of the routers' namespaces: short.</summary>
    RouterFirewalls = 64,
    Processes = 32,

    /// <summary>With devices: the transmit offload also of those that were seen to have none, a call each.</summary>
    Offloads = 128,
    All = Devices | Sysctls | Switch | Flows | Firewall | RouterFirewalls | Processes | Offloads,
}
