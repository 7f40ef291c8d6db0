namespace Tapline.HostTests.Doctor.Bed;

/// <summary>A fault of tests/foreign-bed/faults.txt, where the fields are explained.</summary>
internal sealed record BedFault(string Id, string Title, IReadOnlyDictionary<string, string> Fields)
{
    public string Inject => Fields["inject"];

    public string Undo => Fields.GetValueOrDefault("undo", "true");

    public string[] Codes => Fields["codes"].Split(' ');

    /// <summary>What its mend may leave: a second deviation that the injection made as well.</summary>
    public string? Leaves => Fields.GetValueOrDefault("leaves");

    /// <summary>What is to be named beside the first cause.</summary>
    public string? Also => Fields.GetValueOrDefault("also");

    /// <summary>What the cloud's agents do when it is asked for the mend; null where no mend asks it.</summary>
    public string? Cloud => Fields.GetValueOrDefault("cloud");

    public string From => Fields.GetValueOrDefault("from", "203.0.113.1");

    public string To => Fields.GetValueOrDefault("to", "8.8.8.8");

    public static IEnumerable<BedFault> ReadAll(string path)
    {
        (string Id, string Title, Dictionary<string, string> Fields)? now = null;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith('['))
            {
                if (now is var (id, title, fields))
                {
                    yield return new BedFault(id, title, fields);
                }

                now = (line[1..line.IndexOf(']', StringComparison.Ordinal)], line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..], []);
            }
            else if (now is not null && line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
            {
                now.Value.Fields[line[..colon]] = line[(colon + 2)..];
            }
        }

        if (now is var (lastId, lastTitle, lastFields))
        {
            yield return new BedFault(lastId, lastTitle, lastFields);
        }
    }
}
