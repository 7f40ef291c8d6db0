namespace Tapline.Core.Doctor.Tracing;

/// <summary>One station of a packet's way.</summary>
public sealed record Hop
{
    /// <summary>Which host it is on, where several were looked at.</summary>
    public string? Host { get; init; }

    public required string Namespace { get; init; }

    public required string Device { get; init; }

    /// <summary><c>tap</c>, <c>bridge</c>, <c>veth</c>, <c>ovs-bridge</c>, <c>patch</c>, <c>router</c>, <c>nic</c>, <c>stack</c>, <c>guest</c>, <c>outside</c> …</summary>
    public required string Kind { get; init; }

    /// <summary>As it comes in here.</summary>
    public required Packet Packet { get; init; }

    public HopState State { get; init; }

    /// <summary>What decided here: the flow, the rule, the route.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The rule that gave the packet another source here; null where none did.</summary>
    public Netfilter.FilterStep? Translation { get; init; }

    /// <summary>The rule that decided where it goes on to by its destination here; null where none did.</summary>
    public Netfilter.FilterStep? Diversion { get; init; }

    /// <summary>What the device should be, by the cloud's plan or by what the host notes itself; null where nothing tells.</summary>
    public string? Should { get; init; }

    /// <summary>What of that it is, in the same words.</summary>
    public string Is { get; init; } = "";

    /// <summary>What the device really saw of a probe; null where none was sent, or where it can not be captured on.</summary>
    public Living.Saw? Saw { get; init; }
}

/// <summary>What a station did with the packet.</summary>
public enum HopState
{
    Pass,
    Drop,
    Rewrite,
    Unknown,
}
