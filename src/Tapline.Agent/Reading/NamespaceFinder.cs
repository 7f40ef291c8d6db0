using System.Globalization;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>The namespaces of this host: its own, those with a name, and those that nothing but a process holds.</summary>
internal static class NamespaceFinder
{
    /// <summary>The host's own first, then by name; the caller disposes of each. One that has several names is found by the first.</summary>
    public static List<FoundNamespace> Find(ReadScope scope, IReadOnlyList<RunningProcess> processes, Unread unread)
    {
        var found = new List<FoundNamespace> { new("", NetNamespace.Current()) };
        var known = new HashSet<long> { found[0].Handle.Inode };
        foreach (var (name, path) in Named().Concat(scope.ProcessNamespaces ? Held(processes, known) : []))
        {
            var ns = unread.Try<NetNamespace?>($"namespace {name}", null, () => NetNamespace.Open(path));
            if (ns is not null && known.Add(ns.Inode))
            {
                found.Add(new FoundNamespace(name, ns));
            }
            else
            {
                ns?.Dispose();
            }
        }

        return found;
    }

    private static IEnumerable<(string Name, string Path)> Named() =>
        !Directory.Exists(HostPaths.NetworkNamespaces)
            ? []
            : Directory.EnumerateFiles(HostPaths.NetworkNamespaces).Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path)!, path));

    /// <summary>One each, by the process with the lowest number; evaluated when those with names are known.</summary>
    private static IEnumerable<(string Name, string Path)> Held(IReadOnlyList<RunningProcess> processes, HashSet<long> known) =>
        from process in processes
        where process.NetworkNamespace is not null
        group process.Pid by process.NetworkNamespace!.Value into holders
        where !known.Contains(holders.Key)
        let pid = holders.Min().ToString(CultureInfo.InvariantCulture)
        select ($"pid:{pid}", $"/proc/{pid}/ns/net");
}
