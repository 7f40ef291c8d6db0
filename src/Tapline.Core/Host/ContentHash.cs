namespace Tapline.Core.Host;

/// <summary>FNV-1a over UTF-16 units: the same on every machine and in every run, for marks that are written into a host.</summary>
public static class ContentHash
{
    private const ulong Start = 14695981039346656037UL;

    public static ulong Of(string text) => After(Start, text);

    /// <summary>Of the parts with that between each two, without putting them together.</summary>
    public static ulong Of(string first, IReadOnlyList<string> others, char between)
    {
        var hash = After(Start, first);
        foreach (var other in others)
        {
            hash = After(After(hash, between), other);
        }

        return hash;
    }

    /// <summary>Twelve hexadecimal digits.</summary>
    public static string Text(string text) => Text(Of(text));

    /// <summary>The same, of a hash.</summary>
    public static string Text(ulong hash) => (hash & 0xffff_ffff_ffff).ToString("x12");

    private static ulong After(ulong hash, string text)
    {
        foreach (var unit in text)
        {
            hash = After(hash, unit);
        }

        return hash;
    }

    private static ulong After(ulong hash, char unit) => (hash ^ unit) * 1099511628211UL;
}
