using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>A flow of an OpenFlow table, as <see cref="FlowReader"/> takes it apart.</summary>
public sealed record OpenFlowRule
{
    public required int Table { get; init; }

    public required int Priority { get; init; }

    public ulong Cookie { get; init; }

    /// <summary>Null where the line does not tell.</summary>
    public long? Packets { get; init; }

    /// <summary>Seconds; 0 for none.</summary>
    public int IdleTimeout { get; init; }

    public int HardTimeout { get; init; }

    public ValueList<FlowMatch> Matches { get; init; }

    public ValueList<FlowAction> Actions { get; init; }

    /// <summary>Table, priority and matches without counters: with <c>ovs-ofctl --strict del-flows</c> it names this flow.</summary>
    public required string MatchText { get; init; }

    public required string ActionText { get; init; }

    /// <summary>The flow without counters, as <c>ovs-ofctl add-flow</c> takes it.</summary>
    public string Text => $"{MatchText} actions={ActionText}";
}

/// <summary>One condition of a flow.</summary>
/// <param name="Field">As printed: <c>dl_vlan</c>, <c>nw_src</c>, or a protocol's word such as <c>arp</c>.</param>
/// <param name="Value">With its mask; empty for a protocol's word. A port's name without quotes.</param>
public sealed record FlowMatch(string Field, string Value);
