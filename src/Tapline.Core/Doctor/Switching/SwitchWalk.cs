using System.Runtime.CompilerServices;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>One frame's way through the bridges of a switch: looks up tables, and follows patch ports.</summary>
internal sealed class SwitchWalk(ObservedSwitch seen)
{
    /// <summary>
    /// ovs-vswitchd gives up where flows lead to the same or a lower table deeper than this, or more often than that: in the bridge where
    /// the frame came in all is lost then, also what was sent before; behind a patch port only what would follow.
    /// </summary>
    private const int DeepestResubmit = 64;
    private const int MostResubmits = DeepestResubmit * DeepestResubmit;

    private readonly Dictionary<string, SwitchBridge> _bridges = seen.Bridges.ToDictionary(bridge => bridge.Name, SwitchBridge.Of);
    private readonly List<SwitchStep> _steps = [];
    private readonly List<SwitchOutput> _outputs = [];
    private string? _unknown;
    private int _resubmits;
    private bool _lost;

    internal SwitchResult Result() => new()
    {
        Steps = _steps.ToValueList(),
        Outputs = _lost ? [] : _outputs.ToValueList(),
        Unknown = _unknown,
    };

    internal void Start(string bridgeName, string inPort, Packet packet)
    {
        if (!_bridges.TryGetValue(bridgeName, out var bridge))
        {
            Note(bridgeName, inPort, $"there is no bridge {bridgeName}");
            return;
        }

        if (bridge.Find(inPort) is not { } port)
        {
            Note(bridge.Name, inPort, $"{inPort} is no port of {bridge.Name}: dropped");
            return;
        }

        if (!port.Exists)
        {
            Note(bridge.Name, port.Name, Absent(port));
            return;
        }

        var frame = Frame.Of(packet, port.Name);
        if (port.Interface.Type is not ("" or "internal" or "patch" or "system" or "tap" or "dummy"))
        {
            // A tunnel's words are not known: flows that ask for them may match.
            string[] words = ["tun_id", "tun_src", "tun_dst", "tun_flags"];
            frame = words.Aggregate(frame, (now, word) => now with { Notes = now.Notes.SetItem(word, FieldBits.Unknown) });
        }

        var pipeline = new Pipeline(bridge, port.Name, frame, depth: 0, flooded: false);
        Enter(pipeline, port);
        _lost = pipeline.GivenUp;
    }

    internal void Unclear(string words) => _unknown ??= words;

    internal void Note(string bridge, string port, string words) => _steps.Add(new SwitchStep(bridge, port, null, "", words));

    internal void Note(Pipeline at, string words) => Note(at.Bridge.Name, at.InPort, words);

    /// <summary>Looks a table up and does what the flow says; <paramref name="asFrom"/> is the port that the lookup takes it to have come by.</summary>
    internal void Lookup(Pipeline at, int table, string asFrom)
    {
        var deeper = table <= at.Table ? 1 : 0;
        if (at.Depth >= DeepestResubmit || _resubmits >= MostResubmits)
        {
            Note(at, $"flows led to table {table} again and again: ovs-vswitchd gives up");
            at.GivenUp = true;
            return;
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Unclear($"{at.Bridge.Name}: flows lead on too often to be followed");
            at.GivenUp = true;
            return;
        }

        if (Choose(at, table, at.Frame with { InPort = asFrom }) is not { } rule)
        {
            _steps.Add(new SwitchStep(at.Bridge.Name, at.InPort, table, "", "no flow matches: dropped"));
            return;
        }

        _steps.Add(new SwitchStep(at.Bridge.Name, at.InPort, table, rule.Text, rule.ActionText == "drop" ? "drop" : rule.ActionText));
        if (at.Silenced)
        {
            return;
        }

        var (was, depth) = (at.Table, at.Depth);
        (at.Table, at.Depth) = (table, depth + deeper);
        _resubmits++;
        new ActionRun(this, at).Do(rule.Actions);
        (at.Table, at.Depth) = (was, depth);
    }

    /// <summary>Sends a frame out by a port, into the next bridge where it is a patch.</summary>
    internal void Send(Pipeline at, SwitchPort port, Frame frame, bool flooded)
    {
        if (!port.Exists)
        {
            Note(at, Absent(port));
        }
        else if (port.IsSet("NO_FWD"))
        {
            Note(at, $"port {port.Name} is set to send nothing (NO_FWD): dropped");
        }
        else if (port.IsProtected && at.Bridge.Find(frame.InPort) is { IsProtected: true })
        {
            Note(at, $"{frame.InPort} and {port.Name} are protected from each other: dropped");
        }
        else if (port.IsPatch)
        {
            Cross(at, port, frame, flooded);
        }
        else
        {
            if (at.Bridge.Extra("stp_enable=true") is { } spanning)
            {
                Unclear($"{at.Bridge.Name} has {spanning}: whether port {port.Name} forwards is not known");
            }

            _outputs.Add(new SwitchOutput(at.Bridge.Name, port.Name, frame.ToPacket(), flooded || at.Flooded));
        }
    }

    private void Cross(Pipeline at, SwitchPort port, Frame frame, bool flooded)
    {
        var name = port.Interface.Option("peer") ?? "";
        var (bridge, peer) = _bridges.Values.Where(other => other.Seen.DatapathType == at.Bridge.Seen.DatapathType)
            .Select(other => (Bridge: other, Peer: other.Find(name)))
            .FirstOrDefault(found => found.Peer is { IsPatch: true, Exists: true } && found.Peer.Name == name);
        if (peer is null)
        {
            Note(at, $"patch port {port.Name} leads nowhere: there is no patch port {(name.Length == 0 ? "(no peer is set)" : name)}");
        }
        else if (peer.Interface.Option("peer") != port.Name)
        {
            Note(at, $"patch port {port.Name} leads nowhere: its peer {name} has {peer.Interface.Option("peer") ?? "none"} as its own peer");
        }
        else if (peer.IsSet("NO_RECV"))
        {
            Note(bridge.Name, peer.Name, $"port {peer.Name} is set to receive nothing (NO_RECV): dropped");
        }
        else
        {
            // What flows have noted beside the frame stays behind, but for the mark.
            var there = frame with { InPort = peer.Name, Notes = frame.Notes.RemoveRange(frame.Notes.Keys.Where(note => note != "pkt_mark")) };
            Enter(new Pipeline(bridge, peer.Name, there, at.Depth, flooded || at.Flooded) { Table = at.Table }, peer);
        }
    }

    private void Enter(Pipeline at, SwitchPort port)
    {
        at.Silenced = port.IsSet("NO_RECV");
        Lookup(at, 0, at.InPort);
        if (at.Silenced)
        {
            Note(at, $"port {port.Name} is set to receive nothing (NO_RECV): dropped");
        }
        else if (at.Written.Count > 0 && !at.Ended && !at.GivenUp)
        {
            new ActionRun(this, at).Do(ActionSet.Ordered(at.Written));
        }
    }

    /// <summary>The flow with the highest priority that matches. Ties, and flows that may match, matter where they act differently.</summary>
    private OpenFlowRule? Choose(Pipeline at, int table, Frame frame)
    {
        var chosen = (OpenFlowRule?)null;
        var possible = new List<OpenFlowRule>();
        foreach (var rule in at.Bridge.Table(table))
        {
            if (chosen is not null && rule.Priority < chosen.Priority)
            {
                break;
            }

            switch (FlowMatching.Matches(rule, frame, at.Bridge))
            {
                case Truth.Unknown:
                    possible.Add(rule);
                    break;
                case Truth.Yes when chosen is null:
                    chosen = rule;
                    break;
                case Truth.Yes:
                    possible.Add(rule);
                    break;
            }
        }

        if (possible.FirstOrDefault(rule => rule.ActionText != (chosen?.ActionText ?? "drop")) is { } other)
        {
            Unclear($"{at.Bridge.Name}: this flow may match as well: {other.Text}");
        }

        return chosen;
    }

    private static string Absent(SwitchPort port) =>
        $"port {port.Name} is in the database, but ovs-vswitchd has no such port{(port.Interface.Error.Length > 0 ? $": {port.Interface.Error}" : "")}: dropped";
}

/// <summary>A frame's stay in one bridge.</summary>
internal sealed class Pipeline(SwitchBridge bridge, string inPort, Frame frame, int depth, bool flooded)
{
    internal SwitchBridge Bridge => bridge;

    internal string InPort => inPort;

    internal bool Flooded => flooded;

    internal Frame Frame { get; set; } = frame;

    /// <summary>The one that was looked up last; -1 before the first.</summary>
    internal int Table { get; set; } = -1;

    internal int Depth { get; set; } = depth;

    /// <summary>A flow is looked up, but nothing is done.</summary>
    internal bool Silenced { get; set; }

    /// <summary>The frame went round too often.</summary>
    internal bool GivenUp { get; set; }

    /// <summary>No further actions.</summary>
    internal bool Ended { get; set; }

    internal List<FlowAction> Written { get; } = [];
}
