namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Operands for a packet: values, set membership, comparisons.</summary>
internal static class OperandReader
{
    public static Reading Read(Operand operand, FilterTable table, WalkState state)
    {
        switch (operand)
        {
            case Operand.Constant constant:
                return Reading.Of(constant.Value);
            case Operand.Range range:
                return range.Low == range.High ? Reading.Of(range.Low) : Reading.Unknown($"which of {range.Low} to {range.High}");
            case Operand.Field field:
                return FieldReader.Read(field.Name, table, state);
            case Operand.Bits bits:
                return Combine(bits, Read(bits.Left, table, state), Read(bits.Right, table, state));
            case Operand.Tuple tuple:
                var all = Read(tuple.Parts[0], table, state);
                return tuple.Parts.Skip(1).Aggregate(all, (read, part) => read.With(Read(part, table, state)));
            case Operand.Lookup lookup:
                var key = Read(lookup.Key, table, state);
                if (key.IsAbsent || key.Why is not null)
                {
                    return key;
                }

                var (found, element) = Find(key, lookup.Map, table);
                return found switch
                {
                    Truth.Yes when element?.Value is { } value => Read(value, table, state),
                    Truth.Unknown => Reading.Unknown("an element of a map"),
                    _ => Reading.Absent,
                };
            case Operand.Unreadable unreadable:
                return Reading.Unknown(unreadable.Text);
            default:
                return Reading.Unknown("a set where a value is due");
        }
    }

    /// <summary>Whether a condition holds, and where that is unknown, what could not be told.</summary>
    public static (Truth Truth, string? Why) Holds(Statement.Match match, FilterTable table, WalkState state)
    {
        var left = Read(match.Left, table, state);
        if (left.IsAbsent || left.Why is not null)
        {
            return left.IsAbsent ? (Truth.No, null) : (Truth.Unknown, left.Why);
        }

        var truth = match.By switch
        {
            Comparison.Equal => Is(left, match.Right, table, state),
            Comparison.NotEqual => Is(left, match.Right, table, state).Not(),
            Comparison.In => IsIn(left, match.Right, table, state),
            Comparison.NotIn => IsIn(left, match.Right, table, state).Not(),
            _ => Compares(left, match.By, Read(match.Right, table, state)),
        };
        return (truth, truth == Truth.Unknown ? "what a set or value holds" : null);
    }

    /// <summary>The element of a set or map that is for these values.</summary>
    public static (Truth Truth, SetElement? Element) Find(Reading values, Operand set, FilterTable table)
    {
        var found = set switch
        {
            Operand.Elements inline => new FilterSet { Name = "", Elements = inline.Items },
            Operand.Named named => table.Sets.FirstOrDefault(candidate => candidate.Name == named.Set),
            _ => null,
        };
        if (found is null || found.Unreadable is not null)
        {
            return (Truth.Unknown, null);
        }

        var doubtful = false;
        SetElement? any = null;
        foreach (var element in found.Elements)
        {
            if (IsCatchAll(element.Key))
            {
                any = element;
                continue;
            }

            switch (Fits(values, element.Key))
            {
                case Truth.Yes when !doubtful:
                    return element.Excluded ? (Truth.No, null) : (Truth.Yes, element);
                case Truth.Yes or Truth.Unknown:
                    doubtful = true;
                    break;
            }
        }

        return doubtful ? (Truth.Unknown, null) : (Truths.Of(any is not null), any);
    }

    private static Truth Is(Reading left, Operand right, FilterTable table, WalkState state)
    {
        switch (right)
        {
            case Operand.Elements or Operand.Named:
                return Find(left, right, table).Truth;
            case Operand.Constant or Operand.Range or Operand.Tuple:
                return Fits(left, right);
            default:
                var value = Read(right, table, state);
                return value.Why is not null ? Truth.Unknown : Truths.Of(!value.IsAbsent && value.Values.SequenceEqual(left.Values));
        }
    }

    private static Truth IsIn(Reading left, Operand right, FilterTable table, WalkState state)
    {
        if (right is Operand.Elements or Operand.Named)
        {
            return Find(left, right, table).Truth;
        }

        var mask = Read(right, table, state);
        return mask.Why is not null ? Truth.Unknown : Truths.Of(!mask.IsAbsent && (left.Number & mask.Number) != 0);
    }

    private static Truth Compares(Reading left, Comparison by, Reading right)
    {
        if (right.Why is not null)
        {
            return Truth.Unknown;
        }

        return Truths.Of(!right.IsAbsent && by switch
        {
            Comparison.Less => left.Number < right.Number,
            Comparison.LessOrEqual => left.Number <= right.Number,
            Comparison.Greater => left.Number > right.Number,
            _ => left.Number >= right.Number,
        });
    }

    private static bool IsCatchAll(Operand key) => key is Operand.Constant { Value.Name: "*" };

    /// <summary>Values against a key; a key of fewer parts asks for the first ones only (members of ipset's lists).</summary>
    private static Truth Fits(Reading values, Operand key)
    {
        if (key is not Operand.Tuple tuple)
        {
            return FitsOne(values.Values[0], key);
        }

        return tuple.Parts.Count > values.Values.Length
            ? Truth.No
            : tuple.Parts.Select((part, index) => FitsOne(values.Values[index], part)).Aggregate(Truth.Yes, Truths.And);
    }

    private static Truth FitsOne(FieldValue value, Operand key) => key switch
    {
        Operand.Constant { Value.Name: { } name } => Truths.Of(name.EndsWith('*') ? value.Name?.StartsWith(name[..^1], StringComparison.Ordinal) == true : value.Name == name),
        Operand.Constant { Value: var constant } => Truths.Of(value == constant),
        Operand.Range range => Truths.Of(value.Name is null && range.Low.Number <= value.Number && value.Number <= range.High.Number),
        _ => Truth.Unknown,
    };

    private static Reading Combine(Operand.Bits bits, Reading left, Reading right)
    {
        if (left.IsAbsent || right.IsAbsent)
        {
            return Reading.Absent;
        }

        if (left.Why is not null || right.Why is not null)
        {
            return left.Why is not null ? left : right;
        }

        return bits.Operator switch
        {
            "&" => Reading.Of(left.Number & right.Number),
            "|" => Reading.Of(left.Number | right.Number),
            "^" => Reading.Of(left.Number ^ right.Number),
            "<<" => Reading.Of((left.Number << (int)right.Number) & uint.MaxValue),
            ">>" => Reading.Of(left.Number >> (int)right.Number),
            "+" => Reading.Of(UInt128.Min(left.Number + right.Number, byte.MaxValue)),
            "-" => Reading.Of(left.Number > right.Number ? left.Number - right.Number : 0),
            _ => Reading.Unknown(bits.Operator),
        };
    }
}
