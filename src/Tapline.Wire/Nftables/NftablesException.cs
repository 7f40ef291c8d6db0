namespace Tapline.Wire.Nftables;

/// <summary>nft refused: the command line it pointed at (where it did) and its own words.</summary>
public sealed class NftablesException(string attempted, string nftText, string? offendingLine)
    : Exception(offendingLine is null ? $"{attempted}: {nftText}" : $"{attempted}: {nftText}\nin the line: {offendingLine}")
{
    /// <summary>What nft printed.</summary>
    public string NftText { get; } = nftText;

    public string? OffendingLine { get; } = offendingLine;
}
