namespace Tapline.Labs;

/// <summary>Where things are inside a lab. The state is the lab's own tmpfs; on the machine its place is an empty directory.</summary>
/// <param name="Directory">The lab's directory, told to its first process: who is root in the lab may be somebody else on the machine.</param>
internal sealed record LabPaths(string Directory)
{
    public static LabPaths Of(string name) => new(LabRegistry.DirectoryOf(name));

    public string State => Path.Combine(Directory, "state");

    /// <summary>Outside the tmpfs: the machine's side speaks to the lab's first process here.</summary>
    public string Control => Path.Combine(Directory, "control.sock");

    public string StartLog => Path.Combine(Directory, "start.log");

    public string ServerData => Path.Combine(State, "server");

    public string Logs => Path.Combine(State, "logs");

    public string OvsDatabase(string host) => Path.Combine(State, $"{host}-ovs.db");

    public string Log(string service) => Path.Combine(Logs, $"{service}.log");
}
