namespace Tapline.Agent;

/// <summary>Where an agent keeps its things on its host.</summary>
/// <param name="Root">Normally <c>/run/tapline</c>: gone after a reboot, as what it describes is.</param>
/// <param name="OvsRunDirectory">Where Open vSwitch's sockets are.</param>
public sealed record HostPaths(string Root, string OvsRunDirectory)
{
    /// <summary>Where <c>ip netns</c> looks for namespaces.</summary>
    public const string NetworkNamespaces = "/run/netns";

    /// <summary>A file here marks the namespace of its name as Tapline's.</summary>
    public string NamespaceMarks => Path.Combine(Root, "namespaces");

    public string Processes => Path.Combine(Root, "processes");

    /// <summary>The last slice, for a start without server.</summary>
    public string Slice => Path.Combine(Root, "slice.json");

    public string OvsDatabase => Path.Combine(OvsRunDirectory, "db.sock");

    public static string NamespacePath(string name) => Path.Combine(NetworkNamespaces, name);
}
