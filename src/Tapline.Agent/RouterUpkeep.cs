using Tapline.Core.Host;

namespace Tapline.Agent;

/// <summary>What a router's change must do beyond configuration: tell neighbours of moved addresses, end translations that are no more.</summary>
internal sealed class RouterUpkeep(NamespaceHandles handles)
{
    private readonly NamespaceHandles _handles = handles;

    public void AddressAdded(HostItem.Address address) => _ = (_handles, address);

    public void AnnounceAll(HostState seen) => _ = (_handles, seen);

    public void MapChanged(HostItem.NftSet map) => _ = (_handles, map);

    public void PurgeAll(HostState wanted) => _ = (_handles, wanted);
}
