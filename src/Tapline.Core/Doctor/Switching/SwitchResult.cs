using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>What Open vSwitch does with a frame that comes in by a port, through all its bridges that patch ports join.</summary>
public sealed record SwitchResult
{
    /// <summary>In order: bridges entered, flows that matched, what they did.</summary>
    public ValueList<SwitchStep> Steps { get; init; }

    /// <summary>Where the frame leaves the switch, as it then looks; a device of the system, an internal port or a tunnel each.</summary>
    public ValueList<SwitchOutput> Outputs { get; init; }

    /// <summary>Set where it can not be told what the switch does: what was not understood.</summary>
    public string? Unknown { get; init; }
}

/// <summary>One decision of Open vSwitch.</summary>
/// <param name="Bridge">Where.</param>
/// <param name="Port">The port by which the frame came into this bridge.</param>
/// <param name="Table">The OpenFlow table; null for what is no flow: NORMAL, a port's VLAN, a missing port.</param>
/// <param name="Flow">The flow that matched, without counters; empty for "no match" (which drops).</param>
/// <param name="Does">What it did, in words: <c>drop</c>, <c>to port qvo…</c>, <c>floods</c>, <c>vlan 4095 is dropped</c>.</param>
public sealed record SwitchStep(string Bridge, string Port, int? Table, string Flow, string Does);

/// <summary>A frame that leaves the switch.</summary>
/// <param name="Bridge">By which bridge.</param>
/// <param name="Port">By which port.</param>
/// <param name="Packet">With the tag it then bears.</param>
/// <param name="Flooded">One of several copies, since the destination is not known or is many.</param>
public sealed record SwitchOutput(string Bridge, string Port, Packet Packet, bool Flooded);
