using System.Runtime.CompilerServices;

namespace Tapline.Tests.Doctor.Netfilter;

/// <summary>What real programs printed: files beside this one.</summary>
internal static class CorpusFile
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder(), "Corpus", name));

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
