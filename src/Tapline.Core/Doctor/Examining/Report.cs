using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What the doctor says.</summary>
public sealed record Report
{
    public required Inquiry Inquiry { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary><c>out</c> or <c>in</c>.</summary>
    public required string Way { get; init; }

    /// <summary>The first is what to mend first.</summary>
    public ValueList<Cause> Causes { get; init; }

    public ValueList<Hop> Request { get; init; }

    public ValueList<Hop> Reply { get; init; }

    /// <summary>With <see cref="Verdict.Unknown"/>: what is missing to know.</summary>
    public string? Missing { get; init; }

    /// <summary>What a live probe adds: what it saw beyond the verdict, and which of its instruments were missing.</summary>
    public ValueList<string> Notes { get; init; }

    public static Report Empty(Inquiry inquiry) => new() { Inquiry = inquiry, Verdict = Verdict.Unknown, Way = "out", Missing = "nothing was examined" };
}

/// <summary>A fault and the direction it bites in: <c>request</c>, <c>reply</c> or <c>both</c>.</summary>
public sealed record Cause(Fault Fault, string Direction)
{
    /// <summary>Which host it is on, where several were looked at.</summary>
    public string? Host { get; init; }
}

/// <summary>The doctor's verdicts.</summary>
public enum Verdict
{
    Works,
    WorksBut,
    Broken,
    BrokenInGuest,
    Unknown,
}
