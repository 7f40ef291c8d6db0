using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Gathers the steps of a trace's text, line by line.</summary>
internal sealed class TraceSteps(ObservedSwitch seen, string bridge, string inPort)
{
    /// <summary>How ovs-vswitchd's hidden table for frames that no flow matches shows through.</summary>
    private const string HiddenMiss = "reg0=0x2, priority 0";

    private readonly Dictionary<string, SwitchBridge> _bridges = seen.Bridges.ToDictionary(item => item.Name, SwitchBridge.Of);
    private readonly List<SwitchStep> _steps = [];
    private readonly Stack<Entry> _entries = new([new Entry(0, bridge, inPort)]);

    internal ValueList<SwitchStep> All => _steps.ToValueList();

    internal bool Flooded { get; private set; }

    /// <summary>Something that the trace says beside the flows.</summary>
    internal void Note(string words) => _steps.Add(new SwitchStep(_entries.Peek().Bridge, _entries.Peek().Port, null, "", words));

    /// <summary>A line that names a bridge. What is not indented follows upon the bridge before it; else it is inside that bridge.</summary>
    internal void Bridge(int indent, string name)
    {
        Leave(indent);
        var before = _entries.Peek();
        if (indent == 0)
        {
            _entries.Clear();
        }

        _entries.Push(before.Bridge == name ? before with { Indent = indent } : new Entry(indent, name, PatchInto(before.Bridge, name)));
    }

    internal void Line(int indent, string text)
    {
        Leave(indent);
        var at = _entries.Peek();
        Flooded |= text is "FLOOD" or "ALL" || text.Contains("flooding", StringComparison.Ordinal);
        if (FlowLine(at.Bridge, text) is var (table, flow, does))
        {
            _steps.Add(new SwitchStep(at.Bridge, at.Port, table, flow, does));
        }
        else if (text.StartsWith("->", StringComparison.Ordinal) || text.StartsWith(">>", StringComparison.Ordinal))
        {
            Note(text.Trim('-', '>', '<', ' '));
        }
        else if (_steps.Count > 0 && _steps[^1] is { Table: not null, Does: "" })
        {
            _steps[^1] = _steps[^1] with { Does = text };
        }
    }

    private void Leave(int indent)
    {
        while (_entries.Peek().Indent > 0 && indent <= _entries.Peek().Indent)
        {
            _entries.Pop();
        }
    }

    /// <summary><c>24. arp,in_port=1, priority 2, cookie 0x5</c>, or <c>25. No match.</c>; null for another line.</summary>
    private (int Table, string Flow, string Does)? FlowLine(string name, string text)
    {
        var dot = text.IndexOf(". ", StringComparison.Ordinal);
        if (dot <= 0 || !FlowText.TryInt(text[..dot], out var table))
        {
            return null;
        }

        var rest = text[(dot + 2)..];
        var parts = FlowText.Split(rest, ",");
        var at = parts.FindLastIndex(part => part.StartsWith("priority ", StringComparison.Ordinal));
        if (at < 0 || !FlowText.TryInt(parts[at]["priority ".Length..], out var priority))
        {
            return rest.StartsWith("No match", StringComparison.Ordinal) ? (table, "", "no flow matches: dropped") : null;
        }

        // Matches are printed with other masks here than in a dump: where the priority tells the flow, it does.
        var match = string.Join(',', [$"table={table}", $"priority={priority}", .. parts[..at]]);
        var rules = _bridges.GetValueOrDefault(name)?.Table(table).Where(rule => rule.Priority == priority).ToList() ?? [];
        var found = rules is [var only] ? only : rules.FirstOrDefault(rule => rule.MatchText == match);
        return rest == HiddenMiss && found is null ? (table, "", "no flow matches: dropped")
            : (table, found?.Text ?? match, found?.ActionText ?? "");
    }

    /// <summary>The patch port by which a bridge is entered from another; empty where several might be.</summary>
    private string PatchInto(string from, string to)
    {
        var found = _bridges.GetValueOrDefault(to)?.Ports
            .Where(port => port.IsPatch && _bridges.GetValueOrDefault(from)?.Find(port.Interface.Option("peer") ?? "") is { IsPatch: true })
            .Select(port => port.Name).ToList();
        return found is [var only] ? only : "";
    }

    /// <summary>A bridge that the trace is in.</summary>
    private sealed record Entry(int Indent, string Bridge, string Port);
}
