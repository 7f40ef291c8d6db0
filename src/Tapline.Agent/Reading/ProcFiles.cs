namespace Tapline.Agent.Reading;

/// <summary>Small files of the kernel.</summary>
internal static class ProcFiles
{
    /// <summary>The text; null where there is no such file, or it may not be read, or its process has ended.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
