using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Does a trace's "Datapath actions" to a frame: where it leaves, and how it then looks.</summary>
internal sealed class DatapathActions(ObservedSwitch seen, IReadOnlyDictionary<string, string> numbers, Packet packet, bool flooded)
{
    private Frame _frame = Frame.Of(packet, "");
    private string _tunnelTo = "";

    internal List<SwitchOutput> Outputs { get; } = [];

    internal string? Unknown { get; private set; }

    internal void Do(string actions)
    {
        foreach (var action in FlowText.Split(actions, ","))
        {
            var open = action.IndexOf('(', StringComparison.Ordinal);
            One(action, open < 0 ? action : action[..open], open < 0 ? "" : action[(open + 1)..].TrimEnd(')'));
        }
    }

    private void One(string action, string name, string argument)
    {
        switch (name)
        {
            case "drop" or "userspace" or "trunc" or "hash" or "meter":
                break;
            case "push_vlan":
                var words = Words(argument);
                _ = FlowText.TryInt(words.GetValueOrDefault("vid", ""), out var vid);
                _ = FlowText.TryInt(words.GetValueOrDefault("pcp", ""), out var priority);
                _frame = _frame.Pushed(new VlanTag(vid, priority));
                break;
            case "pop_vlan":
                _frame = _frame.Popped();
                break;
            case "set":
                Set(argument);
                break;
            case "clone" or "sample":
                var before = _frame;
                Do(action[(name.Length + 1)..^1]);
                _frame = before;
                break;
            case "ct":
                Unknown ??= $"conntrack decides ({action}): the trace took the connection for new";
                break;
            case "recirc":
                Unknown ??= "the frame goes through the datapath once more: the trace ends there";
                break;
            default:
                if (action.Contains('(', StringComparison.Ordinal))
                {
                    Unknown ??= $"the datapath's action {action} is not understood";
                }
                else
                {
                    Output(FlowText.Unquote(name));
                }

                break;
        }
    }

    private void Output(string port)
    {
        var name = numbers.GetValueOrDefault(port, port);
        var found = seen.Bridges.Where(bridge => bridge.Ports.Any(item => item.Interfaces.Any(link => link.Name == name))).Select(bridge => bridge.Name).FirstOrDefault();
        if (found is null && name.IndexOf("_sys", StringComparison.Ordinal) is var at and > 0)
        {
            (found, name) = Tunnel(name[..at]) ?? (null, name);
        }

        if (found is null)
        {
            Unknown ??= $"the datapath's port {port} is on no bridge that was observed";
        }

        Outputs.Add(new SwitchOutput(found ?? "", name, _frame.ToPacket(), flooded));
    }

    /// <summary>Tunnels of a kind share one port of the datapath: the address that was set before tells which.</summary>
    private (string? Bridge, string Port)? Tunnel(string type)
    {
        foreach (var bridge in seen.Bridges)
        {
            foreach (var link in bridge.Ports.SelectMany(port => port.Interfaces))
            {
                if (link.Type == type && (link.Option("remote_ip") == _tunnelTo || link.Option("remote_ip") == "flow"))
                {
                    return (bridge.Name, link.Name);
                }
            }
        }

        return null;
    }

    private void Set(string argument)
    {
        var open = argument.IndexOf('(', StringComparison.Ordinal);
        var (header, words) = open < 0 ? (argument, []) : (argument[..open], Words(argument[(open + 1)..].TrimEnd(')')));
        if (header == "tunnel")
        {
            _tunnelTo = words.GetValueOrDefault("dst", "");
        }

        foreach (var (word, text) in words)
        {
            if (Field(header, word) is { } field && FlowValue.Parse(field, text) is { } value)
            {
                _frame = FieldChange.Set(_frame, field, FieldBits.Of(value.Value), value.Mask) ?? _frame;
            }
        }
    }

    private static string? Field(string header, string word) => (header, word) switch
    {
        ("eth", "src") => "eth_src",
        ("eth", "dst") => "eth_dst",
        ("ipv4", "src") => "ip_src",
        ("ipv4", "dst") => "ip_dst",
        ("ipv6", "src") => "ipv6_src",
        ("ipv6", "dst") => "ipv6_dst",
        ("ipv4", "tos") or ("ipv6", "tclass") => "ip_tos",
        ("ipv4", "ttl") or ("ipv6", "hlimit") => "ip_ttl",
        ("arp", "sip") => "arp_spa",
        ("arp", "tip") => "arp_tpa",
        ("arp", "op") => "arp_op",
        ("arp", "sha") => "arp_sha",
        ("arp", "tha") => "arp_tha",
        ("tcp" or "udp" or "sctp", "src") => "tp_src",
        ("tcp" or "udp" or "sctp", "dst") => "tp_dst",
        _ => null,
    };

    private static Dictionary<string, string> Words(string text) => FlowText.Split(text, ",").Select(part => part.Split('=', 2))
        .Where(part => part.Length == 2).GroupBy(part => part[0]).ToDictionary(part => part.Key, part => part.First()[1]);
}

/// <summary>The datapath's port numbers by <c>dpif/show</c>: <c>qvo1 2/5: (system)</c>.</summary>
internal static class DatapathPorts
{
    internal static IReadOnlyDictionary<string, string> Read(string text)
    {
        var names = new Dictionary<string, string>();
        foreach (var words in text.Split('\n').Select(line => line.Trim().Split(' ')))
        {
            if (words is [var name, var number, ..] && number.EndsWith(':') && number.Split('/') is [_, var inDatapath])
            {
                names[inDatapath.TrimEnd(':')] = name;
            }
        }

        return names;
    }
}
