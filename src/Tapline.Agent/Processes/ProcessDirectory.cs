using System.Globalization;
using System.Text;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Processes;

/// <summary>
/// A directory for each program: its files, how it was started, its pid. Read back, it says what runs: nothing else is remembered.
/// </summary>
internal sealed class ProcessDirectory(HostPaths paths, NamespaceHandles handles)
{
    /// <summary>In a program's environment, with <see cref="MarkOf"/>.</summary>
    public const string MarkVariable = "TAPLINE_PROCESS";

    private const string PidFile = "pid";
    private const string CommandFile = "command";
    private const string MountsFile = "mounts";
    private const string ManifestFile = "manifest";
    private const string OwnerFile = "owner";
    private const string SeatFile = "seat";

    public string ScriptOf(string ns, string name) => Path.Combine(Of(ns, name), "run");

    public string LogOf(string ns, string name) => Path.Combine(Of(ns, name), "log");

    public string PidFileOf(string ns, string name) => Path.Combine(Of(ns, name), PidFile);

    public static string MarkOf(string ns, string name) => $"{ns}/{name}";

    public string Of(string ns, string name) => Path.Combine(paths.Processes, ns, name);

    /// <summary>What the directories tell, with the programs' being alive checked against the kernel.</summary>
    public IEnumerable<HostItem.Process> Observe()
    {
        if (!Directory.Exists(paths.Processes))
        {
            yield break;
        }

        foreach (var directory in Directory.EnumerateDirectories(paths.Processes).SelectMany(Directory.EnumerateDirectories))
        {
            var (ns, name) = (Path.GetFileName(Path.GetDirectoryName(directory))!, Path.GetFileName(directory));
            var command = Lines(directory, CommandFile).ToValueList();
            yield return new HostItem.Process
            {
                In = ns,
                Name = name,
                Command = command,
                Mounts = Lines(directory, MountsFile).Select(line => line.Split(' ', 2)).Select(pair => new Setting(pair[0], pair[1])).ToValueList(),
                Files = Lines(directory, ManifestFile).Where(file => File.Exists(Path.Combine(directory, file)))
                    .Select(file => new ProcessFile(file, File.ReadAllText(Path.Combine(directory, file)))).ToValueList(),
                Running = PidOf(ns, name) is not null && Lines(directory, SeatFile).FirstOrDefault() == SeatOf(ns, command),
                Owner = Lines(directory, OwnerFile).FirstOrDefault(Marks.ByPlace),
            };
        }
    }

    /// <summary>The program's pid if it is alive and still that program; pids are used again.</summary>
    public int? PidOf(string ns, string name)
    {
        var file = PidFileOf(ns, name);
        if (!File.Exists(file) || !int.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
        {
            return null;
        }

        try
        {
            var environment = File.ReadAllText($"/proc/{pid}/environ");
            return environment.Contains($"{MarkVariable}={MarkOf(ns, name)}\0", StringComparison.Ordinal) ? pid : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // A zombie's environment is empty, a dead one's is gone.
        }
    }

    /// <summary>To be called when it is about to be started: where that will be.</summary>
    public void WriteSeat(HostItem.Process wanted) => WriteFile(Of(wanted.In, wanted.Name), SeatFile, SeatOf(wanted.In, wanted.Command));

    /// <summary>Removes files that are no longer wanted or whose content changes, and returns what they said.</summary>
    public List<ProcessFile> RemoveStaleFiles(HostItem.Process wanted)
    {
        var directory = Of(wanted.In, wanted.Name);
        var keep = wanted.Files.ToDictionary(file => file.Name, file => file.Content);
        var removed = new List<ProcessFile>();
        foreach (var name in Lines(directory, ManifestFile).Where(name => name.StartsWith("hosts/", StringComparison.Ordinal) || !keep.ContainsKey(name)))
        {
            var path = Path.Combine(directory, name);
            if (File.Exists(path) && File.ReadAllText(path) is var content && content != keep.GetValueOrDefault(name))
            {
                File.Delete(path);
                removed.Add(new ProcessFile(name, content));
            }
        }

        return removed;
    }

    /// <summary>Writes all that is not yet so, each file by rename: dnsmasq watches the directories and must not read half a line.</summary>
    public void Write(HostItem.Process wanted)
    {
        var directory = Of(wanted.In, wanted.Name);
        Directory.CreateDirectory(directory);
        foreach (var folder in new[] { "hosts", "options" })
        {
            Directory.CreateDirectory(Path.Combine(directory, folder));
        }

        foreach (var file in wanted.Files)
        {
            WriteFile(directory, file.Name, file.Content);
        }

        foreach (var mount in wanted.Mounts.Where(mount => !File.Exists(Path.Combine(directory, mount.Name))))
        {
            File.WriteAllText(Path.Combine(directory, mount.Name), "");
        }

        WriteFile(directory, ManifestFile, Joined(wanted.Files.Select(file => file.Name)));
        WriteFile(directory, CommandFile, Joined(wanted.Command));
        WriteFile(directory, MountsFile, Joined(wanted.Mounts.Select(mount => $"{mount.Name} {mount.Value}")));
        WriteFile(directory, OwnerFile, wanted.Owner);
        WriteFile(directory, "run", Script(wanted, directory));
    }

    public void Delete(string ns, string name)
    {
        if (Directory.Exists(Of(ns, name)))
        {
            Directory.Delete(Of(ns, name), recursive: true);
        }

        var parent = Path.Combine(paths.Processes, ns);
        if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
        {
            Directory.Delete(parent);
        }
    }

    /// <summary>
    /// The kernel's numbers for the namespace and the devices that the command names: a program that runs on in a namespace or on a
    /// device that has gone serves nobody, whatever is there by that name now.
    /// </summary>
    private string SeatOf(string ns, ValueList<string> command)
    {
        try
        {
            var open = handles.Of(ns);
            var devices = open.Route.Links().Where(link => command.Contains(link.Name)).Select(link => $" {link.Name}:{link.Index}");
            return $"{open.Namespace.Inode}{string.Concat(devices)}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception or NetlinkException)
        {
            return "none"; // no namespace, nowhere to serve
        }
    }

    private static string Script(HostItem.Process wanted, string directory)
    {
        var command = string.Join(' ', wanted.Command.Select(argument => Quote(Resolve(argument, directory))));
        var mounts = string.Concat(wanted.Mounts.Select(mount => $"mount --bind {Quote(Path.Combine(directory, mount.Name))} {Quote(mount.Value)}; "));
        var enter = $"nsenter --net={Quote(HostPaths.NamespacePath(wanted.In))}";
        var run = mounts.Length == 0 ? command : $"unshare --mount $(mountpoint -q / || echo --propagation unchanged) sh -c {Quote($"{mounts}exec {command}")}";
        return $"""
            chmod +x {Quote(directory)}/event 2>/dev/null
            exec {enter} {run} < /dev/null >> {Quote(directory)}/log 2>&1

            """;
    }

    /// <summary><c>@name</c> is a path in the program's directory, alone or behind an equals sign.</summary>
    private static string Resolve(string argument, string directory)
    {
        var at = argument.StartsWith('@') ? 0 : argument.IndexOf("=@", StringComparison.Ordinal) + 1;
        return at == 0 && !argument.StartsWith('@') ? argument : $"{argument[..at]}{directory}/{argument[(at + 1)..]}";
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Joined(IEnumerable<string> lines) => new StringBuilder().AppendJoin('\n', lines).ToString();

    private static string[] Lines(string directory, string file)
    {
        var path = Path.Combine(directory, file);
        return File.Exists(path) ? File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
    }

    private static void WriteFile(string directory, string name, string content)
    {
        var path = Path.Combine(directory, name);
        if (File.Exists(path) && File.ReadAllText(path) == content)
        {
            return;
        }

        var temporary = Path.Combine(directory, ".new");
        File.WriteAllText(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }
}
