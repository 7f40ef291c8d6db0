using Tapline.Core.Host;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Apply;

/// <summary>Makes and ends named namespaces; the mark is written first, so that a crash leaves nothing unknown.</summary>
internal sealed class NamespaceApplier(NamespaceHandles handles, HostPaths paths)
{
    /// <summary>Whether the name stands for a live namespace: an unused name is an empty file, not one of the kernel's.</summary>
    public static bool Exists(string name)
    {
        var path = HostPaths.NamespacePath(name);
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var ns = NetNamespace.Open(path);
            ns.Run(() => { });
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    public void Add(HostItem.Namespace item)
    {
        Directory.CreateDirectory(paths.NamespaceMarks);
        File.WriteAllText(Path.Combine(paths.NamespaceMarks, item.Name), item.Owner);
        if (!Exists(item.Name))
        {
            if (File.Exists(HostPaths.NamespacePath(item.Name)))
            {
                NetNamespace.Delete(HostPaths.NamespacePath(item.Name));
            }

            NetNamespace.Create(HostPaths.NamespacePath(item.Name));
        }
    }

    public void Delete(HostItem.Namespace item)
    {
        handles.Forget(item.Name);
        if (File.Exists(HostPaths.NamespacePath(item.Name)))
        {
            NetNamespace.Delete(HostPaths.NamespacePath(item.Name));
        }

        File.Delete(Path.Combine(paths.NamespaceMarks, item.Name));
    }
}
