using System.Diagnostics;

namespace Tapline.Core.Host;

/// <summary>Where an item of a host stands; two items with one key can not both exist. Prints as <c>link qrouter-…/qr-…</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Namespace">The network namespace by name; empty for the host's own.</param>
/// <param name="Name">Unique within kind and namespace.</param>
public readonly record struct ItemKey(ItemKind Kind, string Namespace, string Name) : IComparable<ItemKey>
{
    public int CompareTo(ItemKey other)
    {
        var byKind = Kind.CompareTo(other.Kind);
        var byNamespace = byKind != 0 ? byKind : string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    public override string ToString() =>
        Namespace.Length == 0 ? $"{Kind.Word()} {Name}" : $"{Kind.Word()} {Namespace}/{Name}";

    public static bool operator <(ItemKey left, ItemKey right) => left.CompareTo(right) < 0;

    public static bool operator >(ItemKey left, ItemKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(ItemKey left, ItemKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ItemKey left, ItemKey right) => left.CompareTo(right) >= 0;
}

/// <summary>The kinds of fact that a host is described by.</summary>
public enum ItemKind
{
    Namespace,
    NftSet,
    NftChain,
    NftVerdictMap,
    Link,
    Sysctl,
    OvsBridge,
    OvsPort,
    FlowTable,
    Address,
    Route,
    Process,
}

/// <summary>The kinds' names as they are printed.</summary>
public static class ItemKinds
{
    public static string Word(this ItemKind kind) => kind switch
    {
        ItemKind.Namespace => "namespace",
        ItemKind.NftSet => "nft-set",
        ItemKind.NftChain => "nft-chain",
        ItemKind.NftVerdictMap => "nft-map",
        ItemKind.Link => "link",
        ItemKind.Sysctl => "sysctl",
        ItemKind.OvsBridge => "ovs-bridge",
        ItemKind.OvsPort => "ovs-port",
        ItemKind.FlowTable => "flows",
        ItemKind.Address => "address",
        ItemKind.Route => "route",
        ItemKind.Process => "process",
        _ => throw new UnreachableException(),
    };
}
