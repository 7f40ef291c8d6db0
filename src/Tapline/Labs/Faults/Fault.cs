namespace Tapline.Labs.Faults;

/// <summary>
/// Something that can be broken in a lab and taken back. Its commands run as root on the lab's host, or as a user of its cloud; names in
/// braces are filled in from <see cref="FaultSite"/>.
/// </summary>
internal sealed record Fault
{
    /// <summary>It is done to an instance's port.</summary>
    public const string Instance = "instance";

    /// <summary>The instance's network needs a router to the outside.</summary>
    public const string Router = "router";

    /// <summary>It is about the instance's floating IP.</summary>
    public const string FloatingIp = "floating-ip";

    /// <summary>Lower case: which of the usual troubles it is, and a speaking name.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What the lab must have: one of the names above, or nothing.</summary>
    public required string Needs { get; init; }

    public required string Inject { get; init; }

    /// <summary>Its commands are OpenStack's client's: the cloud itself is asked for what breaks it, and the agent carries that out.</summary>
    public bool IsInCloud { get; init; }

    /// <summary>Takes back what the agent does not mend of its own accord; does no harm where that is gone already.</summary>
    public string Undo { get; init; } = "";

    /// <summary>One of these codes, parted by blanks, is what a diagnosis has to name first.</summary>
    public required string Codes { get; init; }

    /// <summary>What is to be named beside it; empty for nothing.</summary>
    public string Also { get; init; } = "";
}
