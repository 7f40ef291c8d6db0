namespace Tapline.Core.Host;

/// <summary>FNV-1a over UTF-16 units: the same on every machine and in every run, for marks that are written into a host.</summary>
public static class ContentHash
{
    public static ulong Of(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 1099511628211UL;
        }

        return hash;
    }

    /// <summary>Twelve hexadecimal digits.</summary>
    public static string Text(string text) => (Of(text) & 0xffff_ffff_ffff).ToString("x12");
}
