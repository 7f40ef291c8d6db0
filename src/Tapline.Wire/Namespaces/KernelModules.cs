namespace Tapline.Wire.Namespaces;

/// <summary>
/// What the kernel has without loading anything: asking for a part that is missing makes it load a module, and with that may change
/// what becomes of packets. So whoever only wants to look asks here first.
/// </summary>
public sealed class KernelModules
{
    private readonly HashSet<string>? _names; // null: this kernel can load nothing, so asking is harmless

    private KernelModules(HashSet<string>? names) => _names = names;

    /// <summary>Reads what is loaded and what is built in.</summary>
    public static KernelModules Read() => Read("/proc/modules", $"/lib/modules/{Release()}/modules.builtin");

    /// <summary>True if asking the module's part of the kernel loads nothing; names with underscores.</summary>
    public bool IsThere(string module) => _names is null || _names.Contains(module);

    internal static KernelModules Read(string loaded, string builtin)
    {
        if (!File.Exists(loaded))
        {
            return new KernelModules(null);
        }

        var names = File.ReadLines(loaded).Select(line => line.Split(' ', 2)[0]).ToHashSet(StringComparer.Ordinal);
        if (File.Exists(builtin))
        {
            names.UnionWith(File.ReadLines(builtin).Select(line => Path.GetFileName(line).Split('.', 2)[0].Replace('-', '_')));
        }

        if (Directory.Exists("/sys/module"))
        {
            names.UnionWith(Directory.EnumerateDirectories("/sys/module").Select(path => Path.GetFileName(path)!)); // built in with parameters
        }

        return new KernelModules(names);
    }

    private static string Release() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
