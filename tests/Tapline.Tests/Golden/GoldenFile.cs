using System.Runtime.CompilerServices;

namespace Tapline.Tests.Golden;

/// <summary>A text that was read and approved, beside this file. <c>TAPLINE_ACCEPT=1</c> writes it anew; the difference is part of the review.</summary>
internal static class GoldenFile
{
    public static void Require(string name, string text)
    {
        var path = Path.Combine(Folder(), name + ".txt");
        if (Environment.GetEnvironmentVariable("TAPLINE_ACCEPT") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path), $"{path} is not there: TAPLINE_ACCEPT=1 writes it");
        Assert.Equal(File.ReadAllText(path), text);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
