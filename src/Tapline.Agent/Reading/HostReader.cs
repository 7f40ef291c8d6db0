using System.Collections.Concurrent;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>
/// Reads what this host is, whoever set it up, and changes nothing by it: no module is loaded, no table made, no device touched. It may
/// be called by anyone; what the caller may not see is said in <see cref="Observation.Unread"/>.
/// </summary>
/// <param name="ovsRunDirectory">Where Open vSwitch's sockets are; empty to look where they usually are.</param>
/// <param name="time">Tells when the host was so.</param>
public sealed class HostReader(string ovsRunDirectory, TimeProvider time)
{
    /// <summary>Several at once: each namespace waits for the kernel or for a program.</summary>
    private static int Readers => Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>What the scope asks for, as far as it can be read; never throws for what the host refuses.</summary>
    public async Task<Observation> ReadAsync(ReadScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var unread = new Unread();
        var at = time.GetUtcNow();
        var toSwitch = scope.Switch ? new SwitchReader(ovsRunDirectory, unread).ReadAsync(cancellationToken) : Task.FromResult<ObservedSwitch?>(null);
        var processes = RunningProcess.All(unread);
        var found = NamespaceFinder.Find(scope, processes, unread);
        try
        {
            var namespaces = await OwnThread.Run(() => ReadNamespaces(scope, found, unread, cancellationToken)).ConfigureAwait(false);
            return new Observation
            {
                Host = KernelFile.Read("/proc/sys/kernel/hostname")?.Trim() ?? Environment.MachineName,
                Kernel = KernelFile.Read("/proc/sys/kernel/osrelease")?.Trim() ?? "",
                At = at,
                Namespaces = namespaces,
                Processes = scope.Processes ? new ProcessReader(found, unread).Read(processes) : [],
                Facts = [.. FactReading.Read(processes), .. scope.Machine ? MachineReading.Read(unread) : []],
                Switch = await toSwitch.ConfigureAwait(false),
                Unread = unread.Lines,
            };
        }
        finally
        {
            found.ForEach(ns => ns.Dispose());
        }
    }

    private static ValueList<ObservedNamespace> ReadNamespaces(
        ReadScope scope, List<FoundNamespace> found, Unread unread, CancellationToken cancellationToken)
    {
        var modules = KernelModules.Read();
        var own = found.FindAll(ns => !ns.IsHeldByProcess);
        var all = ReadEach(own, new NamespaceReader(scope, modules, found, unread), cancellationToken);

        // Whoever holds a namespace that has nothing to do with ours (a service with a private network, a machine around a lab) is left alone.
        var nothingInFull = scope with { Namespaces = new HashSet<string>() };
        var others = found.FindAll(ns => ns.IsHeldByProcess);
        var looked = ReadEach(others, new NamespaceReader(nothingInFull, modules, found, unread), cancellationToken);
        for (var joined = true; joined;)
        {
            joined = false;
            foreach (var (name, read) in looked.Where(pair => !all.ContainsKey(pair.Key)).ToList())
            {
                if (read.Numbers.Values.Any(all.ContainsKey) || all.Values.Any(known => known.Numbers.Values.Contains(name)))
                {
                    joined = all.TryAdd(name, read);
                }
            }
        }

        var linked = others.FindAll(ns => all.ContainsKey(ns.Name) && scope.Includes(ns.Name));
        foreach (var (name, read) in ReadEach(linked, new NamespaceReader(scope, modules, found, unread), cancellationToken))
        {
            all[name] = read;
        }

        return found.Where(ns => all.ContainsKey(ns.Name)).Select(ns => all[ns.Name].Finish(all)).ToValueList();
    }

    /// <summary>Some threads, each of which takes the next namespace that is left.</summary>
    private static Dictionary<string, ReadNamespace> ReadEach(List<FoundNamespace> found, NamespaceReader reader, CancellationToken cancellationToken)
    {
        var left = new ConcurrentQueue<FoundNamespace>(found);
        var read = new ConcurrentDictionary<string, ReadNamespace>(StringComparer.Ordinal);
        IEnumerable<FoundNamespace> Taken()
        {
            while (!cancellationToken.IsCancellationRequested && left.TryDequeue(out var next))
            {
                yield return next;
            }
        }

        // Waited for in any case: who is cancelled takes no more of them, and whoever called closes their handles.
        Task.WaitAll(Enumerable.Range(0, Math.Min(Readers, found.Count)).Select(_ => OwnThread.Run(() =>
            NetNamespace.RunInEach(Taken(), ns => ns.Handle, ns => read[ns.Name] = reader.ReadHere(ns), (ns, error) => read[ns.Name] = reader.Refused(ns, error)))),
            CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return read.ToDictionary(StringComparer.Ordinal);
    }
}
