namespace Tapline.Labs.Faults;

/// <summary>All that can be broken on purpose. A diagnosis knows nothing of it: it has to find out.</summary>
internal static class FaultCatalogue
{
    public static IReadOnlyList<Fault> All { get; } =
        [.. RouterFaults.All, .. FirewallFaults.All, .. DeviceFaults.All, .. SwitchFaults.All, .. GuestFaults.All];

    /// <summary>By its id, by what stands behind its first dash, or by what stands before it where only one begins so.</summary>
    public static Fault Require(string name)
    {
        var found = All.Where(fault => fault.Id == name || fault.Id[(Dash(fault) + 1)..] == name || fault.Id[..Dash(fault)] == name).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandException($"there is no fault '{name}': 'tapline lab break --list' shows them", exitCode: 64),
            _ => throw new CommandException($"'{name}' is one of: {string.Join(", ", found.Select(fault => fault.Id))}", exitCode: 64),
        };
    }

    private static int Dash(Fault fault) => fault.Id.IndexOf('-', StringComparison.Ordinal);
}
