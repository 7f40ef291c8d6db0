namespace Tapline.Agent.Probing;

/// <summary>Where a namespace is opened that an observation names.</summary>
internal static class NamespacePaths
{
    public static string Of(string name) =>
        name.Length == 0 ? "/proc/thread-self/ns/net"
        : name.StartsWith("pid:", StringComparison.Ordinal) ? $"/proc/{name[4..]}/ns/net"
        : Path.Combine(HostPaths.NetworkNamespaces, name);
}
