namespace Tapline.Agent.Reading;

/// <summary>How much of a host is read. What is left out costs nothing, and is marked where its absence could be taken for "there is none".</summary>
public sealed record ReadScope
{
    /// <summary>All, as <c>tapline observe</c> has it.</summary>
    public static ReadScope Whole { get; } = new();

    /// <summary>The namespaces to read in full, by name, the host's own being empty; null for all. Of others links and addresses are read.</summary>
    public IReadOnlySet<string>? Namespaces { get; init; }

    /// <summary>Look for namespaces that only processes hold.</summary>
    public bool ProcessNamespaces { get; init; } = true;

    /// <summary>Connections a namespace at most; 0 for none.</summary>
    public int Connections { get; init; } = 10_000;

    /// <summary>Rules of netfilter, of every kind.</summary>
    public bool Firewalls { get; init; } = true;

    public bool Switch { get; init; } = true;

    /// <summary>What each namespace's stack has counted: it tells people much, and a trace nothing.</summary>
    public bool Counters { get; init; } = true;

    public bool Processes { get; init; } = true;

    /// <summary>These in full, of the others links and addresses.</summary>
    public static ReadScope Of(params IEnumerable<string> namespaces) =>
        Whole with { Namespaces = namespaces.ToHashSet(StringComparer.Ordinal) };

    /// <summary>Which parts the kernel has, and limits of the machine: what <c>tapline doctor host</c> judges and no packet meets.</summary>
    public bool Machine { get; init; } = true;

    internal bool Includes(string ns) => Namespaces is null || Namespaces.Contains(ns);
}
