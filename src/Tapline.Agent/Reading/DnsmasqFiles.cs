using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>The files that a dnsmasq's command line names: whom it serves what, and whom it has.</summary>
internal static class DnsmasqFiles
{
    private const int MostOfFile = 256 * 1024;
    private const int MostOfProcess = 1024 * 1024;
    private const int MostFiles = 2000;

    private static readonly string[] Files = ["--dhcp-hostsfile", "--addn-hosts", "--dhcp-optsfile", "--dhcp-leasefile", "-l", "--conf-file", "-C"];
    private static readonly string[] Directories = ["--dhcp-hostsdir", "--dhcp-optsdir", "--hostsdir"];

    /// <summary>By full name as the process sees it.</summary>
    public static ValueList<ProcessFile> Read(int pid, IReadOnlyList<string> arguments, Unread unread)
    {
        var root = $"/proc/{pid}/root";
        var read = new List<ProcessFile>();
        var size = 0;
        foreach (var path in Named(arguments, Files).Concat(Named(arguments, Directories).SelectMany(directory => In(root, directory))).Distinct())
        {
            if (read.Count == MostFiles || size > MostOfProcess)
            {
                unread.Add($"files of dnsmasq: of one process the first {read.Count} alone");
                break;
            }

            if (path.StartsWith('/') && ProcessRoot.Read(pid, path, MostOfFile) is { } content)
            {
                size += content.Length;
                read.Add(new ProcessFile(path, content));
            }
        }

        return read.ToValueList();
    }

    private static IEnumerable<string> Named(IReadOnlyList<string> arguments, string[] options)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var equals = arguments[i].IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && options.Contains(arguments[i][..equals]))
            {
                yield return arguments[i][(equals + 1)..];
            }
            else if (equals < 0 && options.Contains(arguments[i]) && i + 1 < arguments.Count)
            {
                yield return arguments[i + 1];
            }
        }
    }

    private static IEnumerable<string> In(string root, string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(root + directory).Order(StringComparer.Ordinal).Select(path => path[root.Length..])];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
