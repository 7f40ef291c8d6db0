using System.Collections.Immutable;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>The host's own numbers: a VLAN for each network, a conntrack zone for each VIF. Kept where the host has one, else the lowest free.</summary>
public sealed record LocalIds
{
    public required ImmutableDictionary<Id<Network>, int> Vlans { get; init; }

    public required ImmutableDictionary<Id<Port>, int> Zones { get; init; }

    public static LocalIds Assign(IEnumerable<Id<Network>> networks, IEnumerable<Id<Port>> vifs, Sticky sticky) => new()
    {
        Vlans = Assign(networks, sticky.Vlans, first: 1, last: 4094),
        Zones = Assign(vifs, sticky.Zones, first: 1, last: 65535),
    };

    /// <summary>A number counts as free only when nothing seen on the host has it, also what is about to go.</summary>
    private static ImmutableDictionary<T, int> Assign<T>(IEnumerable<T> wanted, ImmutableDictionary<T, int> kept, int first, int last)
        where T : notnull, IComparable<T>
    {
        var used = kept.Values.ToHashSet();
        var result = ImmutableDictionary.CreateBuilder<T, int>();
        var next = first;
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
