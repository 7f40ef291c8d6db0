using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Reads the actions of a flow or of a group's bucket.</summary>
internal static class ActionReader
{
    internal static ValueList<FlowAction> Read(string text) => FlowText.Split(text, ",").Select(One).ToValueList();

    private static FlowAction One(string text)
    {
        var action = Word(text) ?? (text.IndexOfAny([':', '(']) is var at and > 0 ? WithArgument(text, text[..at], Argument(text, at)) : Bare(text));
        return action ?? new FlowAction.Opaque { Text = text };
    }

    private static string Argument(string text, int at) =>
        text[at] == '(' && text[^1] == ')' ? text[(at + 1)..^1] : text[(at + 1)..];

    private static FlowAction? Word(string text) => text.ToLowerInvariant() switch
    {
        "normal" => new FlowAction.Normal { Text = text },
        "flood" => new FlowAction.Flood(All: false) { Text = text },
        "all" => new FlowAction.Flood(All: true) { Text = text },
        "in_port" => new FlowAction.InPort { Text = text },
        "local" => new FlowAction.Output("LOCAL") { Text = text },
        "drop" => new FlowAction.Drop { Text = text },
        "strip_vlan" or "pop_vlan" => new FlowAction.PopVlan { Text = text },
        "dec_ttl" => new FlowAction.DecrementTtl { Text = text },
        "clear_actions" => new FlowAction.ClearWritten { Text = text },
        "exit" => new FlowAction.Exit { Text = text },
        "controller" or "pop_queue" or "pop_tunnel" => new FlowAction.Passive { Text = text },
        _ => null,
    };

    /// <summary>A port alone: a number or a quoted name; other words may be anything, a port's name as well.</summary>
    private static FlowAction.Output? Bare(string text) =>
        text[0] == '"' || FlowText.TryInt(text, out _) ? new FlowAction.Output(FlowText.Unquote(text)) { Text = text } : null;

    private static FlowAction? WithArgument(string text, string name, string argument) => name.ToLowerInvariant() switch
    {
        "output" => Output(text, argument),
        "controller" or "learn" or "note" or "set_queue" or "fin_timeout" or "sample" => new FlowAction.Passive { Text = text },
        "enqueue" => new FlowAction.Output(FlowText.Unquote(argument[..Math.Max(argument.LastIndexOf(':'), 0)])) { Text = text },
        "push_vlan" => new FlowAction.PushVlan { Text = text },
        "mod_vlan_vid" => FlowText.TryInt(argument, out var vid) ? new FlowAction.SetVlan(vid, null, Pushes: true) { Text = text } : null,
        "set_vlan_vid" => FlowText.TryInt(argument, out var vid) ? new FlowAction.SetVlan(vid, null, Pushes: false) { Text = text } : null,
        "mod_vlan_pcp" => FlowText.TryInt(argument, out var pcp) ? new FlowAction.SetVlan(null, pcp, Pushes: true) { Text = text } : null,
        "set_vlan_pcp" => FlowText.TryInt(argument, out var pcp) ? new FlowAction.SetVlan(null, pcp, Pushes: false) { Text = text } : null,
        "mod_dl_src" => Assign(text, "eth_src", argument),
        "mod_dl_dst" => Assign(text, "eth_dst", argument),
        "mod_nw_src" => Assign(text, "ip_src", argument),
        "mod_nw_dst" => Assign(text, "ip_dst", argument),
        "mod_nw_tos" => Assign(text, "ip_tos", argument + "/0xfc"),
        "mod_nw_ecn" => Assign(text, "ip_ecn", argument),
        "mod_nw_ttl" => Assign(text, "ip_ttl", argument),
        "mod_tp_src" => Assign(text, "tp_src", argument),
        "mod_tp_dst" => Assign(text, "tp_dst", argument),
        "set_tunnel" or "set_tunnel64" => Assign(text, "tun_id", argument),
        "write_metadata" => Assign(text, "metadata", argument),
        "set_field" => argument.IndexOf("->", StringComparison.Ordinal) is var at and > 0 ? Assign(text, argument[(at + 2)..], argument[..at]) : null,
        "load" => Load(text, argument),
        "move" => Move(text, argument),
        "dec_ttl" => new FlowAction.DecrementTtl { Text = text },
        "resubmit" => Resubmit(text, argument),
        "goto_table" => FlowText.TryInt(argument, out var table) ? new FlowAction.Goto(table) { Text = text } : null,
        "write_actions" => new FlowAction.Write(Read(argument)) { Text = text },
        "group" => FlowText.TryNumber(argument, out var group) ? new FlowAction.Group((uint)group) { Text = text } : null,
        "clone" => new FlowAction.Copy(Read(argument)) { Text = text },
        "ct" => Track(text, argument),
        _ => null,
    };

    private static FlowAction? Output(string text, string argument)
    {
        if (text.After("output(") is not null)
        {
            var port = FlowText.Split(argument, ",").Select(part => part.After("port=")).FirstOrDefault(part => part is not null);
            return port is null ? null : new FlowAction.Output(FlowText.Unquote(port)) { Text = text, Truncates = true };
        }

        if (Word(argument) is { } word && word is FlowAction.Normal or FlowAction.Flood or FlowAction.InPort or FlowAction.Output)
        {
            return word;
        }

        return argument.EndsWith(']') && FlowText.Range(argument) is { } field
            ? new FlowAction.OutputField(field) { Text = text }
            : new FlowAction.Output(FlowText.Unquote(argument)) { Text = text };
    }

    private static FlowAction.Assign? Assign(string text, string field, string value) => FlowValue.Parse(FlowFields.Canonical(field), value) is { } parsed
        ? new FlowAction.Assign(field, parsed.Value, parsed.Mask) { Text = text }
        : null;

    private static FlowAction.Assign? Load(string text, string argument)
    {
        var at = argument.IndexOf("->", StringComparison.Ordinal);
        if (at < 0 || !FlowText.TryNumber(argument[..at], out var value) || FlowText.Range(argument[(at + 2)..]) is not { } range)
        {
            return null;
        }

        return new FlowAction.Assign(range.Field, value << range.Low, FieldBits.Mask(range.Width ?? 128) << range.Low) { Text = text };
    }

    private static FlowAction.Move? Move(string text, string argument) => argument.Split("->") is [var from, var to]
        && FlowText.Range(from) is { } source && FlowText.Range(to) is { } target
        ? new FlowAction.Move(source, target) { Text = text }
        : null;

    private static FlowAction.Resubmit? Resubmit(string text, string argument)
    {
        if (text.After("resubmit:") is not null)
        {
            return new FlowAction.Resubmit(FlowText.Unquote(argument), null) { Text = text };
        }

        var comma = argument.IndexOf(',', StringComparison.Ordinal);
        var port = FlowText.Unquote(comma < 0 ? argument : argument[..comma]);
        var table = comma < 0 ? "" : argument[(comma + 1)..].Split(',')[0];
        return table.Length > 0 && !FlowText.TryInt(table, out _) ? null : new FlowAction.Resubmit(
            port is "" or "IN_PORT" or "in_port" ? null : port,
            FlowText.TryInt(table, out var number) ? number : null)
        { Text = text };
    }

    private static FlowAction.Track Track(string text, string argument)
    {
        var parts = FlowText.Split(argument, ",");
        var table = parts.Select(part => part.After("table=")).FirstOrDefault(part => part is not null);
        var zone = parts.Select(part => part.After("zone=")).FirstOrDefault(part => part is not null) ?? "0";
        return new FlowAction.Track(
            table is not null && FlowText.TryInt(table, out var number) ? number : null,
            FlowText.TryInt(zone, out var at) ? at : null,
            parts.Any(part => part == "nat" || part.StartsWith("nat(", StringComparison.Ordinal)))
        { Text = text };
    }
}
