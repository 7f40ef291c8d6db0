using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>What a flow does with a frame; actions are done from left to right.</summary>
public abstract record FlowAction
{
    /// <summary>As the flow's line has it.</summary>
    public required string Text { get; init; }

    /// <summary>To a port by name, by number or <c>LOCAL</c>; never to the port it came by.</summary>
    public sealed record Output(string Port) : FlowAction
    {
        /// <summary>Only the first bytes; that does not go through patch ports.</summary>
        public bool Truncates { get; init; }
    }

    /// <summary>To the port whose number a field holds.</summary>
    public sealed record OutputField(FieldRange From) : FlowAction;

    /// <summary>As a switch that learns addresses and knows the ports' VLANs.</summary>
    public sealed record Normal : FlowAction;

    /// <summary>To all ports but the one it came by; <paramref name="All"/> also to those set NO_FLOOD. VLANs of ports have no say.</summary>
    public sealed record Flood(bool All) : FlowAction;

    /// <summary>Back to where it came from.</summary>
    public sealed record InPort : FlowAction;

    /// <summary>Nothing more: without other actions the frame ends here.</summary>
    public sealed record Drop : FlowAction;

    public sealed record PushVlan : FlowAction;

    public sealed record PopVlan : FlowAction;

    /// <summary>Sets the VLAN or the priority of the outer tag; null keeps it.</summary>
    /// <param name="Vid">The VLAN.</param>
    /// <param name="Priority">0 to 7.</param>
    /// <param name="Pushes">An untagged frame gets a tag; else it stays as it is.</param>
    public sealed record SetVlan(int? Vid, int? Priority, bool Pushes) : FlowAction;

    /// <summary>Sets bits of a field; a frame that has no such field stays as it is.</summary>
    public sealed record Assign(string Field, UInt128 Value, UInt128 Mask) : FlowAction;

    public sealed record Move(FieldRange From, FieldRange To) : FlowAction;

    /// <summary>Looks up a table, then goes on here.</summary>
    /// <param name="Port">The port that the lookup takes the frame to have come by; null for the real one.</param>
    /// <param name="Table">Null for this table.</param>
    public sealed record Resubmit(string? Port, int? Table) : FlowAction;

    public sealed record Goto(int Table) : FlowAction;

    /// <summary>To be done at the pipeline's end, in OpenFlow's order of an action set.</summary>
    public sealed record Write(ValueList<FlowAction> Actions) : FlowAction;

    public sealed record ClearWritten : FlowAction;

    public sealed record Group(uint Id) : FlowAction;

    /// <summary>On a copy: what they change ends with them.</summary>
    public sealed record Copy(ValueList<FlowAction> Actions) : FlowAction;

    /// <summary>Ends the pipeline where the time to live is up.</summary>
    public sealed record DecrementTtl : FlowAction;

    /// <summary>Through conntrack.</summary>
    /// <param name="Table">Where a copy goes on that is tracked; null for nowhere.</param>
    /// <param name="Zone">Null where a field gives it.</param>
    /// <param name="Translates">It may change addresses.</param>
    public sealed record Track(int? Table, int? Zone, bool Translates) : FlowAction;

    /// <summary>Ends the pipeline.</summary>
    public sealed record Exit : FlowAction;

    /// <summary>No part in the frame's fate: notes, queues, what is learned, copies to a controller.</summary>
    public sealed record Passive : FlowAction;

    /// <summary>Something that is not understood: it may do anything.</summary>
    public sealed record Opaque : FlowAction;
}

/// <summary>Bits of a field.</summary>
/// <param name="Field">As printed, without brackets.</param>
/// <param name="Low">The lowest bit.</param>
/// <param name="Width">How many; null for all.</param>
public sealed record FieldRange(string Field, int Low, int? Width);
