using Tapline.Wire.Namespaces;

namespace Tapline.HostTests.Wire;

/// <summary>A network namespace of a test's own, gone with the test; skips the test where none can be made.</summary>
internal sealed class ScratchNamespace : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("wire-ns-").FullName;

    internal ScratchNamespace()
    {
        Path = System.IO.Path.Combine(_directory, "ns");
        try
        {
            NetNamespace.Create(Path);
        }
        catch (IOException e)
        {
            Directory.Delete(_directory, recursive: true);
            Assert.Skip($"no network namespace can be made here: {e.Message}");
        }

        Namespace = NetNamespace.Open(Path);
    }

    internal string Path { get; }

    internal NetNamespace Namespace { get; }

    public void Dispose()
    {
        Namespace.Dispose();
        NetNamespace.Delete(Path);
        Directory.Delete(_directory, recursive: true);
    }
}
