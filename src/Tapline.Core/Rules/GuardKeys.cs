using System.Collections.Immutable;
using System.Diagnostics;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>
/// What must still be so in the store when a change is committed, derived from the change alone. With it, servers that share one
/// store never hand out an address twice and never hang a resource under one that another server has changed or removed.
/// Not guarded: that nothing was hung under a resource while it is being removed (no key tells of it; one server's rules do).
/// </summary>
public sealed record GuardKeys
{
    /// <summary>Resources that must be as they were seen, or absent as they were: those changed and those newly referred to.</summary>
    public required ImmutableArray<ResourceKey> Seen { get; init; }

    /// <summary>Claims of addresses and MACs that must be free, and are then this port's.</summary>
    public required ImmutableArray<Claim> Taken { get; init; }

    /// <summary>Claims that end.</summary>
    public required ImmutableArray<Claim> Released { get; init; }

    public static GuardKeys Of(Topology before, TopologyChange change)
    {
        var seen = new List<ResourceKey>();
        var released = new List<Claim>();
        var taken = new List<Claim>();
        foreach (var key in change.Removals)
        {
            AddOnce(seen, key);
            released.AddRange(ClaimsOf(before.Find(key)));
        }

        foreach (var put in change.Puts)
        {
            var key = put.Key;
            var old = before.Find(key);
            if (!change.Removals.Contains(key))
            {
                released.AddRange(ClaimsOf(old));
            }

            AddOnce(seen, key);
            taken.AddRange(ClaimsOf(put));
            var parentsBefore = old is null ? [] : ParentsOf(old).ToList();
            foreach (var parent in ParentsOf(put))
            {
                if (!parentsBefore.Contains(parent) && before.Find(parent) is not null)
                {
                    AddOnce(seen, parent);
                }
            }
        }

        return new GuardKeys
        {
            Seen = [.. seen],
            Taken = released.Count == 0 ? [.. taken] : [.. taken.Where(claim => !released.Any(claim.IsSameAs))],
            Released = [.. released.Where(claim => !taken.Any(claim.IsSameAs))],
        };
    }

    private static void AddOnce(List<ResourceKey> keys, ResourceKey key)
    {
        if (!keys.Contains(key))
        {
            keys.Add(key);
        }
    }

    private static IEnumerable<Claim> ClaimsOf(Resource? resource) => resource is Port port
        ? port.FixedIps.Select(fixedIp => new Claim($"address/{port.NetworkId}/{fixedIp.Address}", port.Id))
            .Append(new Claim($"mac/{port.NetworkId}/{port.Mac}", port.Id))
        : [];

    private static IEnumerable<ResourceKey> ParentsOf(Resource resource) => resource switch
    {
        Network or Model.Host or SecurityGroup or Quota => [],
        Subnet x => [KeyOf(x.NetworkId)],
        Port x => [KeyOf(x.NetworkId), .. x.FixedIps.Select(y => KeyOf(y.SubnetId)), .. x.SecurityGroups.Select(KeyOf), .. DeviceOf(x)],
        Router x => x.GatewayPortId is { } port ? [KeyOf(port)] : [],
        FloatingIp x =>
        [
            KeyOf(x.FloatingNetworkId), KeyOf(x.FloatingPortId),
            .. x.PortId is { } port ? [KeyOf(port)] : Array.Empty<ResourceKey>(),
            .. x.RouterId is { } router ? [KeyOf(router)] : Array.Empty<ResourceKey>(),
        ],
        SecurityGroupRule x => x.RemoteGroupId is { } remote ? [KeyOf(x.SecurityGroupId), KeyOf(remote)] : [KeyOf(x.SecurityGroupId)],
        Instance x => [new ResourceKey(ResourceType.Host, x.HostId), .. x.PortIds.Select(KeyOf)],
        HostReport x => [new ResourceKey(ResourceType.Host, x.Name)],
        _ => throw new UnreachableException(),
    };

    private static IEnumerable<ResourceKey> DeviceOf(Port port) =>
        port.DeviceOwner is DeviceOwner.RouterInterface or DeviceOwner.RouterGateway && Id<Router>.TryParse(port.DeviceId, out var router)
            ? [KeyOf(router)]
            : [];

    private static ResourceKey KeyOf(Id<Network> id) => new(ResourceType.Network, id.ToString());

    private static ResourceKey KeyOf(Id<Subnet> id) => new(ResourceType.Subnet, id.ToString());

    private static ResourceKey KeyOf(Id<Port> id) => new(ResourceType.Port, id.ToString());

    private static ResourceKey KeyOf(Id<Router> id) => new(ResourceType.Router, id.ToString());

    private static ResourceKey KeyOf(Id<SecurityGroup> id) => new(ResourceType.SecurityGroup, id.ToString());
}

/// <summary>The exclusive use of an address or a MAC on a network, and by which port; the same claim may pass from port to port.</summary>
public sealed record Claim(string Name, Id<Port> Port)
{
    public bool IsSameAs(Claim other) => Name == other.Name;
}
