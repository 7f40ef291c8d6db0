using System.Globalization;
using System.Text.Json.Nodes;

namespace Tapline.Labs;

/// <summary>The labs of this user on this machine: a directory each, whose entry is good while the lab's first process lives.</summary>
internal static class LabRegistry
{
    private const string EntryFile = "lab.json";

    /// <summary>Below /tmp, since hosts inside a lab cover /run with their own.</summary>
    public static string Root => Path.Combine("/tmp", $"tapline-{Identity.UserId.ToString(CultureInfo.InvariantCulture)}");

    public static string DirectoryOf(string name) => Path.Combine(Root, name);

    /// <summary>Every lab that runs; entries of labs that ended are removed.</summary>
    public static IReadOnlyList<LabEntry> Labs()
    {
        if (!Directory.Exists(Root))
        {
            return [];
        }

        var labs = new List<LabEntry>();
        foreach (var directory in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal))
        {
            if (Read(Path.GetFileName(directory)) is { } lab)
            {
                labs.Add(lab);
            }
        }

        return labs;
    }

    /// <summary>The lab of that name if it runs.</summary>
    public static LabEntry? Find(string name) => Directory.Exists(DirectoryOf(name)) ? Read(name) : null;

    /// <summary>Makes the directory, readable by this user alone.</summary>
    public static string Create(string name)
    {
        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (File.GetUnixFileMode(Root) != (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute))
        {
            throw new CommandException($"{Root} is not yours alone: check who owns it, and remove it");
        }

        var directory = Directory.CreateDirectory(DirectoryOf(name)).FullName;
        try
        {
            using var claim = new FileStream(Path.Combine(directory, "claim"), FileMode.CreateNew); // whoever makes it has the name
            return directory;
        }
        catch (IOException)
        {
            throw new CommandException($"another lab '{name}' is just starting: give this one another --name");
        }
    }

    public static void Write(LabEntry lab)
    {
        var json = new JsonObject
        {
            ["name"] = lab.Name,
            ["pid"] = lab.Pid,
            ["started"] = lab.Started,
            ["api_url"] = lab.ApiUrl,
        };
        File.WriteAllText(Path.Combine(DirectoryOf(lab.Name), EntryFile), json.ToJsonString());
    }

    public static void Remove(string name)
    {
        if (Directory.Exists(DirectoryOf(name)))
        {
            Directory.Delete(DirectoryOf(name), recursive: true);
        }
    }

    private static LabEntry? Read(string name)
    {
        var path = Path.Combine(DirectoryOf(name), EntryFile);
        if (!File.Exists(path))
        {
            // A lab that is just starting has no entry yet; one that is old has died before it had one.
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(DirectoryOf(name)) > TimeSpan.FromMinutes(1))
            {
                Remove(name);
            }

            return null;
        }

        var json = JsonNode.Parse(File.ReadAllText(path))!;
        var lab = new LabEntry(name, (int)json["pid"]!, (long)json["started"]!, (string)json["api_url"]!);
        if (ProcessTable.StartOf(lab.Pid) == lab.Started)
        {
            return lab;
        }

        Remove(name);
        return null;
    }
}

/// <summary>A lab that runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pid">Its first process, as the machine numbers it.</param>
/// <param name="Started">That process' start time in clock ticks, for pids are used again.</param>
/// <param name="ApiUrl">Where its server answers.</param>
internal sealed record LabEntry(string Name, int Pid, long Started, string ApiUrl);
