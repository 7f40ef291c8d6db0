using System.Diagnostics;
using Tapline.Core.Host;

namespace Tapline.Core.Diff;

/// <summary>
/// When a change has its turn: unplug first; then the firewall, closed before anything is plugged; then devices, switch, addresses,
/// programs; then what is no longer wanted, referrer before referenced.
/// </summary>
public static class ChangeOrder
{
    /// <summary>Where what stands in the way of something wanted is removed: after the unplugging, before anything is made.</summary>
    public const int InTheWay = 3;

    private const int Removals = 100;

    public static int Of(HostChange change) => change.After is null ? OfRemoval(change.Before!) : OfPresence(change.After);

    private static int OfPresence(HostItem item) => item switch
    {
        HostItem.Namespace => 10,
        HostItem.NftSet => 20,
        HostItem.NftChain { Hook.Length: 0, Level: < 3 } chain => 21 + chain.Level,
        HostItem.NftVerdictMap => 24, // its elements name chains below, chains above name it
        HostItem.NftChain { Hook.Length: 0 } chain => 22 + chain.Level,
        HostItem.NftChain => 29,
        HostItem.OvsBridge => 30,
        HostItem.Link { Kind: LinkKind.Bridge } => 31,
        HostItem.Link { Kind: LinkKind.Veth } => 32,
        HostItem.Link => 33,
        HostItem.Sysctl => 34,
        HostItem.OvsPort => 40,
        HostItem.FlowTable => 41,
        HostItem.Address => 50,
        HostItem.Route { Via: null } => 51,
        HostItem.Route => 52,
        HostItem.Process => 60,
        _ => throw new UnreachableException(),
    };

    private static int OfRemoval(HostItem item) => item switch
    {
        HostItem.Process => 1,
        HostItem.OvsPort => 2,
        HostItem.FlowTable => Removals + 10,
        HostItem.Route => Removals + 11,
        HostItem.Address => Removals + 12,
        HostItem.Link => Removals + 20,
        HostItem.NftVerdictMap => Removals + 31,
        HostItem.NftChain { Hook.Length: 0 } chain => Removals + 39 - chain.Level,
        HostItem.NftChain => Removals + 30,
        HostItem.NftSet => Removals + 40,
        HostItem.OvsBridge => Removals + 50,
        HostItem.Namespace => Removals + 60,
        HostItem.Sysctl => Removals + 70,
        _ => throw new UnreachableException(),
    };
}
