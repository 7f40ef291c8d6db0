using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>A namespace by the name it goes by in an observation, held open.</summary>
internal sealed record FoundNamespace(string Name, NetNamespace Handle) : IDisposable
{
    /// <summary>Without a name of its own.</summary>
    public bool IsHeldByProcess => Name.StartsWith("pid:", StringComparison.Ordinal);

    public void Dispose() => Handle.Dispose();
}
