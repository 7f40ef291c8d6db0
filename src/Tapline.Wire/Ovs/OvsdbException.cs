namespace Tapline.Wire.Ovs;

/// <summary>The database refused, or went away: what was tried, its error name and its details.</summary>
public sealed class OvsdbException(string attempted, string error, string? details)
    : Exception($"{attempted}: {error}{(string.IsNullOrEmpty(details) ? "" : $" ({details})")}")
{
    /// <summary>RFC 7047's error name, such as "constraint violation" or "referential integrity violation".</summary>
    public string Error { get; } = error;

    public string? Details { get; } = details;
}
