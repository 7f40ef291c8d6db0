using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A set of ipset's: its elements, and what each part of them is (<c>ip</c>, <c>net</c>, <c>port</c>, <c>iface</c>, <c>mac</c>, <c>mark</c>).</summary>
internal sealed record Ipset(FilterSet Set, IReadOnlyList<string> Parts, bool IsV6);

/// <summary>What <c>ipset save</c> prints.</summary>
internal static class IpsetReader
{
    public static Dictionary<string, Ipset> Read(string? text)
    {
        var sets = new Dictionary<string, Ipset>();
        var elements = new Dictionary<string, List<(int Width, SetElement Element)>>();
        foreach (var line in (text ?? "").Split('\n'))
        {
            var words = ShellWords.Split(line.Trim());
            if (words is ["create", var name, var type, ..])
            {
                sets[name] = new Ipset(new FilterSet { Name = name }, type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(','), words.Contains("inet6"));
                elements[name] = [];
            }
            else if (words is ["add", var to, var value, ..] && sets.TryGetValue(to, out var set))
            {
                if (set.Parts is ["set"])
                {
                    sets[to] = Joined(set, elements[to], sets.GetValueOrDefault(value), elements.GetValueOrDefault(value) ?? []);
                }
                else if (Element(value, set.Parts, words.Contains("nomatch")) is { } element)
                {
                    elements[to].Add(element);
                }
                else
                {
                    sets[to] = set with { Set = set.Set with { Unreadable = value } };
                }
            }
        }

        // The most specific one decides (nomatch stands against a wider prefix).
        return sets.ToDictionary(set => set.Key, set => set.Value with
        {
            Set = set.Value.Set with { Elements = [.. elements[set.Key].OrderBy(element => element.Width).Select(element => element.Element)] },
        });
    }

    /// <summary>A list takes over its members' elements, where these are plain addresses of one family.</summary>
    private static Ipset Joined(
        Ipset list, List<(int Width, SetElement Element)> all, Ipset? member, List<(int Width, SetElement Element)> own)
    {
        if (member is not { Parts: ["ip"] or ["net"], Set.Unreadable: null } || own.Any(element => element.Element.Excluded)
            || (all.Count > 0 && list.IsV6 != member.IsV6))
        {
            return list with { Set = list.Set with { Unreadable = "a list of sets" } };
        }

        all.AddRange(own);
        return list with { IsV6 = member.IsV6 };
    }

    private static (int Width, SetElement Element)? Element(string text, IReadOnlyList<string> parts, bool excluded)
    {
        var values = text.Split(',');
        if (values.Length > parts.Count)
        {
            return null;
        }

        var width = 0;
        var keys = new List<Operand>();
        for (var i = 0; i < values.Length; i++)
        {
            var (operands, wide) = Part(parts[i], values[i]);
            if (operands is null)
            {
                return null;
            }

            keys.AddRange(operands);
            width += wide;
        }

        return (width, new SetElement(keys is [var only] ? only : new Operand.Tuple(keys.ToValueList()), Excluded: excluded));
    }

    /// <summary>
    /// One part of an element; ports are two (protocol, port), interfaces too (the device, the bridge port). The width is how many
    /// address bits it leaves open.
    /// </summary>
    private static (IReadOnlyList<Operand>? Operands, int Width) Part(string kind, string text)
    {
        switch (kind)
        {
            case "ip" or "net" when IpPrefix.TryParse(text, out var prefix):
                return ([Terms.Range(prefix)], prefix.Address.Width - prefix.Length);
            case "ip" or "net" when IpAddress.TryParse(text, out var address):
                return ([Terms.Constant(address.Bits)], 0);
            case "mac" when MacAddress.TryParse(text, out var mac):
                return ([Terms.Constant(mac.Value)], 0);
            case "mark" when Terms.Number(text) is { } mark:
                return ([Terms.Constant(mark)], 0);
            case "iface" when text.StartsWith("physdev:", StringComparison.Ordinal):
                return ([AnyDevice, Terms.Device(text["physdev:".Length..])], 0);
            case "iface":
                return ([Terms.Device(text), AnyDevice], 0);
            case "port":
                return (Port(text), 0);
            default:
                return (null, 0);
        }
    }

    private static readonly Operand AnyDevice = Terms.Device("+");

    private static Operand[]? Port(string text)
    {
        var parts = text.Split(':');
        if (parts.Length == 1)
        {
            return Terms.Numbers(text) is { } bare ? [new Operand.Range(FieldValue.Of(0), FieldValue.Of(255)), bare] : null;
        }

        if (Terms.Protocol(parts[0]) is not { } protocol)
        {
            return null;
        }

        var code = parts[1].Split('/');
        var icmp = protocol == Packet.Icmp ? "icmp_type" : "icmpv6_type";
        var number = NftNames.NumberOf(icmp, parts[1]) is { } named ? Terms.Constant((UInt128)(uint)(named << 8))
            : code is [var type, var of] && Terms.Number(type) is { } t && Terms.Number(of) is { } c ? Terms.Constant((t << 8) | c)
            : Terms.Numbers(parts[1]);
        return number is null ? null : [Terms.Constant(protocol), number];
    }
}
