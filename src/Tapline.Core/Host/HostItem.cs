using Tapline.Core.Primitives;

namespace Tapline.Core.Host;

/// <summary>One configurable fact of a Linux host; the same type for what is wanted and what is seen.</summary>
public abstract record HostItem
{
    public abstract ItemKey Key { get; }

    /// <summary>Wanted: the resource it serves (<c>port/UUID</c>). Seen: empty for what does not carry Tapline's mark, which is never deleted.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Whether what is seen is as wanted here; what this item leaves open may be anything.</summary>
    public virtual bool IsRight(HostItem seen) => Equals(this with { Owner = seen.Owner }, seen);

    /// <summary>A named network namespace.</summary>
    public sealed record Namespace(string Name) : HostItem
    {
        public override ItemKey Key => new(ItemKind.Namespace, "", Name);
    }

    /// <summary>A network device.</summary>
    public sealed record Link : HostItem
    {
        public override ItemKey Key => new(ItemKind.Link, In, Name);

        /// <summary>Its network namespace.</summary>
        public string In { get; init; } = "";

        public required string Name { get; init; }

        public required LinkKind Kind { get; init; }

        /// <summary>The other end of a veth pair.</summary>
        public LinkEnd? Peer { get; init; }

        /// <summary>Null: left to the kernel.</summary>
        public MacAddress? Mac { get; init; }

        public int? Mtu { get; init; }

        /// <summary>The bridge that it is a port of; empty for none, null where it does not matter.</summary>
        public string? Master { get; init; }

        public bool Up { get; init; } = true;

        /// <summary>Transmit checksum and segmentation offload; null where it does not matter.</summary>
        public bool? TransmitOffload { get; init; }

        public override bool IsRight(HostItem seen) =>
            seen is Link link && link.Up == Up
            && (Kind == LinkKind.Foreign || (link.Kind == Kind && link.Owner == Owner && link.Peer == Peer))
            && (Mac is null || link.Mac == Mac)
            && (Mtu is null || link.Mtu == Mtu)
            && (Master is null || link.Master == Master)
            && (TransmitOffload is null || link.TransmitOffload is null || link.TransmitOffload == TransmitOffload);
    }

    /// <summary>An address of a link.</summary>
    public sealed record Address(string In, string Device, IpPrefix Prefix) : HostItem
    {
        public override ItemKey Key => new(ItemKind.Address, In, $"{Device} {Prefix}");
    }

    /// <summary>A unicast route of the main table; the destination's host bits are zero.</summary>
    public sealed record Route(string In, IpPrefix Destination, IpAddress? Via, string Device) : HostItem
    {
        public override ItemKey Key => new(ItemKind.Route, In, Destination.ToString());

        public override bool IsRight(HostItem seen) => base.IsRight(seen) && seen.Owner.Length > 0;
    }

    /// <summary>A value below /proc/sys, by path with slashes.</summary>
    public sealed record Sysctl(string In, string Path, string Value) : HostItem
    {
        public override ItemKey Key => new(ItemKind.Sysctl, In, Path);

        public override bool IsRight(HostItem seen) => seen is Sysctl sysctl && sysctl.Value == Value;
    }

    /// <summary>An Open vSwitch bridge.</summary>
    public sealed record OvsBridge(string Name, string DatapathType, string FailMode) : HostItem
    {
        /// <summary>The mark of a bridge that an operator had made before Tapline came to use it: it is set up, but never deleted.</summary>
        public const string Adopted = "adopted";

        public override ItemKey Key => new(ItemKind.OvsBridge, "", Name);

        public override bool IsRight(HostItem seen) => base.IsRight(seen) && seen.Owner.Length > 0;
    }

    /// <summary>A port of an Open vSwitch bridge with its one interface.</summary>
    public sealed record OvsPort : HostItem
    {
        public override ItemKey Key => new(ItemKind.OvsPort, "", Name);

        public required string Name { get; init; }

        public required string Bridge { get; init; }

        /// <summary>The local VLAN of an access port; null for a trunk.</summary>
        public int? Tag { get; init; }

        /// <summary>Patch ports: the other end.</summary>
        public string? PatchPeer { get; init; }

        /// <summary>The interface's external_ids that Tapline and OpenStack give meaning to, sorted by name.</summary>
        public ValueList<Setting> ExternalIds { get; init; }

        public string? ExternalId(string name)
        {
            foreach (var setting in ExternalIds) // LINQ would box it, for each port with each plan
            {
                if (setting.Name == name)
                {
                    return setting.Value;
                }
            }

            return null;
        }
    }

    /// <summary>All flows of ours on one bridge.</summary>
    /// <param name="Bridge">The bridge's name.</param>
    /// <param name="Flows">As wanted; what is seen is known by its marks alone.</param>
    /// <param name="Marks"><see cref="Flow.Mark"/> of each, sorted.</param>
    public sealed record FlowTable(string Bridge, ValueList<Flow> Flows, ValueList<string> Marks) : HostItem
    {
        public override ItemKey Key => new(ItemKind.FlowTable, "", Bridge);

        public static FlowTable Of(string bridge, IEnumerable<Flow> flows)
        {
            var list = flows.ToValueList();
            return new FlowTable(bridge, list, list.Select(flow => flow.Mark).Order(StringComparer.Ordinal).ToValueList());
        }

        public override bool IsRight(HostItem seen) => seen is FlowTable table && table.Marks == Marks;
    }

    /// <summary>A set or data map in one of Tapline's nftables tables.</summary>
    public sealed record NftSet : HostItem
    {
        public override ItemKey Key => new(ItemKind.NftSet, In, $"{Family} {Name}");

        public string In { get; init; } = "";

        /// <summary><c>inet</c>, <c>bridge</c>, <c>arp</c> or <c>ip</c>.</summary>
        public required string Family { get; init; }

        public required string Name { get; init; }

        /// <summary>For example <c>set { type ipv4_addr; flags interval; }</c>.</summary>
        public required string Declaration { get; init; }

        /// <summary>In nft's own spelling, sorted: <c>192.0.2.1</c>, <c>"tapx" . 192.0.2.1</c>, <c>192.0.2.1 : 10.0.0.5</c>.</summary>
        public ValueList<string> Elements { get; init; }

        /// <summary>The declaration follows from the name, and the kernel spells it otherwise.</summary>
        public override bool IsRight(HostItem seen) => seen is NftSet set && set.Elements == Elements;
    }

    /// <summary>A map from keys to verdicts; apart from <see cref="NftSet"/> since its elements need chains and chains need sets.</summary>
    public sealed record NftVerdictMap(string Family, string Name, string Declaration, ValueList<string> Elements) : HostItem
    {
        public override ItemKey Key => new(ItemKind.NftVerdictMap, "", $"{Family} {Name}");

        public override bool IsRight(HostItem seen) => seen is NftVerdictMap map && map.Elements == Elements;
    }

    /// <summary>A chain in one of Tapline's nftables tables.</summary>
    public sealed record NftChain : HostItem
    {
        public override ItemKey Key => new(ItemKind.NftChain, In, $"{Family} {Name}");

        public string In { get; init; } = "";

        public required string Family { get; init; }

        public required string Name { get; init; }

        /// <summary><c>type filter hook forward priority 0; policy accept;</c>, empty for a chain that others jump to.</summary>
        public string Hook { get; init; } = "";

        /// <summary>As given to nft; the kernel spells them otherwise, so what is seen is compared by <see cref="Fingerprint"/>.</summary>
        public ValueList<string> Rules { get; init; }

        /// <summary>One comment for each rule that the chain has; a rule of ours carries its own.</summary>
        public ValueList<string> Fingerprint { get; init; }

        /// <summary>How far others are from it: chains that it jumps to come before it (0), and it before those that jump to it.</summary>
        public int Level { get; init; }

        public override bool IsRight(HostItem seen) =>
            seen is NftChain chain && chain.Fingerprint == Fingerprint && (chain.Hook.Length > 0) == (Hook.Length > 0);
    }

    /// <summary>A program that serves a namespace and outlives the agent: dnsmasq, a DHCP client.</summary>
    public sealed record Process : HostItem
    {
        public override ItemKey Key => new(ItemKind.Process, In, Name);

        public required string In { get; init; }

        public required string Name { get; init; }

        /// <summary>Arguments, the program first; <c>@</c> at the start of one, or behind its <c>=</c>, is the process' own directory.</summary>
        public required ValueList<string> Command { get; init; }

        /// <summary>Files below that directory.</summary>
        public ValueList<ProcessFile> Files { get; init; }

        /// <summary>Files of that directory that the process sees over others: own directory's name, path it covers.</summary>
        public ValueList<Setting> Mounts { get; init; }

        public bool Running { get; init; } = true;

        /// <summary>
        /// Whether it was started on that device, named by an argument of its own, and is nothing without it: a DHCP client ends when its
        /// device goes, or, with a lease, sleeps on and never asks for one on the next device of that name.
        /// </summary>
        public bool IsBoundTo(string device) => Command.Contains(device);
    }
}
