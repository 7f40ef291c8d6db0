using Tapline.Core.Host;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Tapline's own chains as the agent writes them: after such a mend nothing is left for it to do.</summary>
internal static class OwnChains
{
    /// <summary>The whole chain in one transaction, so that nothing is open or closed meanwhile.</summary>
    public static string Write(HostItem.NftChain chain)
    {
        var name = $"{chain.Family} tapline {chain.Name}";
        var hook = chain.Hook.Length > 0 ? $" {{ {chain.Hook} }}" : "";
        return $"nft {Commands.Quoted(string.Join("; ", (string[])[$"add chain {name}{hook}", $"flush chain {name}", .. chain.Rules.Select(rule => $"add rule {name} {rule}")]))}";
    }
}
