using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor;

/// <summary>Why a packet ends where it ends, or what bites although it arrives.</summary>
public sealed record Fault
{
    /// <summary>For programs: <c>router.forwarding-off</c>; all are explained in docs/doctor.md.</summary>
    public required string Code { get; init; }

    /// <summary>Empty for the host's own.</summary>
    public string Namespace { get; init; } = "";

    public string Device { get; init; } = "";

    /// <summary>One sentence in plain words.</summary>
    public required string Summary { get; init; }

    /// <summary>What was read, and where.</summary>
    public ValueList<string> Evidence { get; init; }

    public Fix? Fix { get; init; }
}
