using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Reads flows as <c>ovs-ofctl dump-flows</c> and <c>ovs-appctl bridge/dump-flows</c> print them.</summary>
public static class FlowReader
{
    /// <summary>OpenFlow's own where a flow was added without one; it is not printed then.</summary>
    private const int DefaultPriority = 32768;

    /// <exception cref="FormatException">The line is no flow.</exception>
    public static OpenFlowRule Read(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var cut = ActionsAt(line);
        if (cut < 0)
        {
            throw new FormatException($"'{line}' is no flow: it has no actions");
        }

        var (table, priority, cookie, idle, hard) = (0, DefaultPriority, 0UL, 0, 0);
        var packets = (long?)null;
        var matches = new List<FlowMatch>();
        var texts = new List<string>();
        foreach (var part in FlowText.Split(line[..cut], ", "))
        {
            var (name, value) = NameAndValue(part);
            switch (name)
            {
                case "table" or "table_id":
                    table = Number(value, line);
                    break;
                case "priority":
                    priority = Number(value, line);
                    break;
                case "cookie":
                    cookie = FlowText.TryNumber(value.Split('/')[0], out var wide) ? (ulong)wide : 0;
                    break;
                case "n_packets":
                    packets = FlowText.TryNumber(value, out var count) ? (long)count : null;
                    break;
                case "idle_timeout":
                    idle = Number(value, line);
                    break;
                case "hard_timeout":
                    hard = Number(value, line);
                    break;
                case "duration" or "n_bytes" or "idle_age" or "hard_age" or "importance" or "send_flow_rem" or "reset_counts"
                    or "check_overlap" or "no_packet_counts" or "no_byte_counts":
                    break;
                default:
                    matches.Add(new FlowMatch(name, FlowText.Unquote(value)));
                    texts.Add(part);
                    break;
            }
        }

        var actions = line[(cut + "actions=".Length)..].Trim();
        return new OpenFlowRule
        {
            Table = table,
            Priority = priority,
            Cookie = cookie,
            Packets = packets,
            IdleTimeout = idle,
            HardTimeout = hard,
            Matches = matches.ToValueList(),
            Actions = ActionReader.Read(actions),
            MatchText = string.Join(',', [$"table={table}", $"priority={priority}", .. texts]),
            ActionText = actions,
        };
    }

    private static int ActionsAt(string line)
    {
        for (var at = line.IndexOf("actions=", StringComparison.Ordinal); at >= 0; at = line.IndexOf("actions=", at + 1, StringComparison.Ordinal))
        {
            if (at == 0 || line[at - 1] is ' ' or ',')
            {
                return at;
            }
        }

        return -1;
    }

    private static (string Name, string Value) NameAndValue(string part) =>
        part.IndexOf('=', StringComparison.Ordinal) is var at and >= 0 ? (part[..at], part[(at + 1)..]) : (part, "");

    private static int Number(string value, string line) =>
        FlowText.TryInt(value, out var number) ? number : throw new FormatException($"'{value}' is no number, in '{line}'");
}
