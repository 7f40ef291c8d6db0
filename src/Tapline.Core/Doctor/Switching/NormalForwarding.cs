using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Switching;

/// <summary>What the action NORMAL decides, as ovs-vswitchd's VLAN rules and learned addresses have it.</summary>
/// <param name="Words">For the reader.</param>
/// <param name="Outputs">Ports with the frame as it leaves by them.</param>
/// <param name="Flooded">To all that carry the VLAN.</param>
/// <param name="Unknown">What can not be told.</param>
internal sealed record NormalDecision(string Words, IReadOnlyList<(SwitchPort Port, Frame Frame)> Outputs, bool Flooded, string? Unknown = null);

/// <summary>Works out <see cref="NormalDecision"/>.</summary>
internal static class NormalForwarding
{
    private const ulong ReservedMulticast = 0x0180_c200_0000;

    internal static NormalDecision Decide(SwitchBridge bridge, Frame frame)
    {
        if (bridge.Find(frame.InPort) is not { Exists: true } input)
        {
            return Dropped($"the frame came by {frame.InPort}, which is no port of {bridge.Name}: dropped");
        }

        if (PortVlans.Of(input.Port) is not { } inVlans)
        {
            return Unclear($"the VLAN mode {input.Port.VlanMode} of port {input.Port.Name} is not understood");
        }

        if (bridge.Extra("mirror") is { } mirror && mirror.Contains($"output_port={input.Port.Name}", StringComparison.Ordinal))
        {
            return Dropped($"port {input.Port.Name} is a mirror's output: what comes in by it is dropped");
        }

        var vid = frame.Tags is [var tag, ..] ? tag.Vid : 0;
        if (!inVlans.Accepts(vid))
        {
            return Dropped(inVlans.Mode == VlanMode.Access
                ? $"port {input.Port.Name} is an access port of VLAN {inVlans.Native}: a frame tagged {vid} is dropped"
                : $"port {input.Port.Name} does not carry VLAN {vid}: dropped");
        }

        var inside = inVlans.Enter(frame);
        var vlan = inside.Tags is [var outer, ..] ? outer.Vid : 0;
        var destination = frame.Packet.EtherDestination;
        if (IsReserved(destination.Value) && !bridge.Config("forward-bpdu"))
        {
            return Dropped($"destination {destination} is reserved for bridges: dropped");
        }

        if (input.Port.Interfaces.Count > 1)
        {
            return Unclear($"port {input.Port.Name} is a bond: which of its members takes what is not understood");
        }

        if (destination.IsMulticast && !frame.Packet.IsBroadcast && frame.Packet.IsIp && bridge.Extra("mcast_snooping") is not null)
        {
            return Unclear("multicast snooping decides who gets it");
        }

        var learned = destination.IsMulticast || bridge.Extra("flood_vlans") is not null
            ? null
            : bridge.Seen.Fdb.FirstOrDefault(entry => entry.Mac == destination && entry.Vlan == vlan);
        return learned is null ? Flood(bridge, input, inside, vlan) : ToLearned(bridge, input, inside, vlan, learned);
    }

    private static NormalDecision ToLearned(SwitchBridge bridge, SwitchPort input, Frame inside, int vlan, LearnedMac learned)
    {
        if (bridge.Find(learned.Port) is not { Exists: true } output)
        {
            return Dropped($"{learned.Mac} was learned on {learned.Port}, which is no port any more: dropped");
        }

        if (output.Port.Name == input.Port.Name)
        {
            return Dropped($"{learned.Mac} was learned on {output.Name}, by which the frame came: dropped");
        }

        return PortVlans.Of(output.Port) is { } vlans && output.Port.Interfaces.Count == 1
            ? new NormalDecision($"VLAN {vlan}: to port {output.Name}, where {learned.Mac} was learned", [(output, vlans.Leave(inside))], Flooded: false)
            : Unclear($"what leaves by port {output.Port.Name} is not understood");
    }

    private static NormalDecision Flood(SwitchBridge bridge, SwitchPort input, Frame inside, int vlan)
    {
        var outputs = new List<(SwitchPort Port, Frame Frame)>();
        var unknown = (string?)null;
        foreach (var port in bridge.Seen.Ports.Where(port => port.Name != input.Port.Name))
        {
            var links = port.Interfaces.Select(link => new SwitchPort(port, link)).Where(link => link.Exists).ToList();
            if (links.Count == 0 || links.Any(link => link.IsSet("NO_FLOOD")) || IsMirrorOutput(bridge, port))
            {
                continue;
            }

            if (PortVlans.Of(port) is not { } vlans)
            {
                unknown = $"the VLAN mode {port.VlanMode} of port {port.Name} is not understood";
            }
            else if (vlans.Carries(vlan, inside.Tags is [_, { Vid: not 0 }, ..]))
            {
                unknown = links.Count > 1 ? $"port {port.Name} is a bond: by which member it sends is not understood" : unknown;
                outputs.Add((links[0], vlans.Leave(inside)));
            }
        }

        var to = outputs.Count == 0 ? "no other port carries it: dropped" : string.Join(", ", outputs.Select(output => output.Port.Name));
        var words = $"VLAN {vlan}: {inside.Packet.EtherDestination} {(inside.Packet.EtherDestination.IsMulticast ? "is for many" : "was not learned")}, floods to {to}";
        return new NormalDecision(outputs.Count == 0 ? words.Replace("floods to ", "", StringComparison.Ordinal) : words, outputs, Flooded: true, unknown);
    }

    /// <summary>IEEE's reserved range, and the groups of other makers' protocols that ovs-vswitchd counts to it.</summary>
    private static bool IsReserved(ulong mac) =>
        (mac & ~0xfUL) == ReservedMulticast
        || mac is 0x00e0_2b00_0000 or 0x00e0_2b00_0004 or 0x00e0_2b00_0006
            or 0x0100_0c00_0000 or 0x0100_0ccc_cccc or 0x0100_0ccc_cccd or 0x0100_0ccd_cdcd
        || (mac & ~0xfUL) == 0x0100_0ccc_ccc0;

    private static bool IsMirrorOutput(SwitchBridge bridge, ObservedPort port) =>
        bridge.Seen.Extras.Any(extra => extra.StartsWith("mirror", StringComparison.Ordinal) && extra.Split(' ').Contains($"output_port={port.Name}"));

    private static NormalDecision Dropped(string words) => new(words, [], Flooded: false);

    private static NormalDecision Unclear(string words) => new(words, [], Flooded: false, words);
}
