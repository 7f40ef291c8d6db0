using System.Collections.Immutable;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>The host's own numbers: a VLAN for each network, a conntrack zone for each VIF. Kept where the host has one, else the lowest free.</summary>
public sealed record LocalIds
{
    /// <summary>Frames with this local VLAN go nowhere: ports that are administratively down.</summary>
    public const int DeadVlan = 4095;

    private const int LastVlan = 4094;
    private const int LastZone = 65535;

    public required ImmutableDictionary<Id<Network>, int> Vlans { get; init; }

    public required ImmutableDictionary<Id<Port>, int> Zones { get; init; }

    public static LocalIds Assign(IEnumerable<Id<Network>> networks, IEnumerable<Id<Port>> vifs, Sticky sticky) => new()
    {
        Vlans = Assign(networks, sticky.Vlans, sticky.SeenVlans, LastVlan),
        Zones = Assign(vifs, sticky.Zones, sticky.SeenZones, LastZone),
    };

    /// <summary>
    /// Which of the numbers that are seen is whose: what most say, in range, and no number for two. Somebody may have set one by hand,
    /// and two networks on one VLAN are no longer apart.
    /// </summary>
    internal static ImmutableDictionary<Id<Network>, int> KeptVlans(IEnumerable<(Id<Network> Id, int Number)> seen) => Kept(seen, LastVlan);

    internal static ImmutableDictionary<Id<Port>, int> KeptZones(IEnumerable<(Id<Port> Id, int Number)> seen) => Kept(seen, LastZone);

    private static ImmutableDictionary<T, int> Kept<T>(IEnumerable<(T Id, int Number)> seen, int last)
        where T : notnull, IComparable<T>
    {
        var taken = new HashSet<int>();
        var result = ImmutableDictionary.CreateBuilder<T, int>();
        var claims = seen.Where(claim => claim.Number >= 1 && claim.Number <= last).GroupBy(claim => claim);
        foreach (var (id, number) in claims.OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Id).ThenBy(group => group.Key.Number).Select(group => group.Key))
        {
            if (!result.ContainsKey(id) && taken.Add(number))
            {
                result[id] = number;
            }
        }

        return result.ToImmutable();
    }

    /// <summary>A number counts as free only when nothing seen on the host has it, also what is about to go.</summary>
    private static ImmutableDictionary<T, int> Assign<T>(
        IEnumerable<T> wanted, ImmutableDictionary<T, int> kept, ImmutableHashSet<int> seen, int last)
        where T : notnull, IComparable<T>
    {
        var used = seen.Union(kept.Values).ToHashSet();
        var result = ImmutableDictionary.CreateBuilder<T, int>();
        var next = 1;
        foreach (var id in wanted.Distinct().Order())
        {
            if (kept.TryGetValue(id, out var number))
            {
                result[id] = number;
                continue;
            }

            while (used.Contains(next))
            {
                next++;
            }

            if (next > last)
            {
                break;
            }

            used.Add(next);
            result[id] = next;
        }

        return result.ToImmutable();
    }
}
