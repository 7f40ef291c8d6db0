using Tapline.Core.Host;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Observe;

/// <summary>The present values of the sysctls that a plan names.</summary>
internal sealed class SysctlObserver(NamespaceHandles handles)
{
    public IEnumerable<HostItem> Observe(HostState wanted) =>
        from sysctl in wanted.OfType<HostItem.Sysctl>()
        group sysctl.Path by sysctl.In into paths
        where paths.Key.Length == 0 || Apply.NamespaceApplier.Exists(paths.Key)
        from value in Sysctl.ReadMany(handles.Of(paths.Key).Namespace, paths)
        select new HostItem.Sysctl(paths.Key, value.Key, value.Value) { Owner = Marks.ByPlace };
}
