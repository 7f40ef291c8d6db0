namespace Tapline.Core.Doctor.Fitness;

/// <summary>One thing that a host needs to carry instances, as it was found.</summary>
public sealed record HostFinding
{
    /// <summary>For programs: <c>host.clock</c>; all are explained in docs/doctor.md.</summary>
    public required string Code { get; init; }

    public required FindingLevel Level { get; init; }

    /// <summary>What is judged, short: <c>tun</c>, <c>conntrack</c>, <c>br-int</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>What was read, in the words of the tool that shows it.</summary>
    public required string Read { get; init; }

    /// <summary>Why it matters to instances.</summary>
    public required string Why { get; init; }

    /// <summary>Null where nothing needs mending, or no command does it.</summary>
    public Fix? Fix { get; init; }
}

/// <summary>How a finding stands.</summary>
public enum FindingLevel
{
    Ok,

    /// <summary>Instances run, and something is slower than need be or waits to bite.</summary>
    Warning,

    /// <summary>Instances do not get what they are promised: no network, or no security groups.</summary>
    Bad,

    /// <summary>It could not be read.</summary>
    Unknown,
}
