using System.Collections.Immutable;
using System.Globalization;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>What a plan must keep because the host already has it: local ids, the switch's datapath, VIFs that others plugged.</summary>
public sealed record Sticky
{
    public const string NetworkKey = "tapline-network";
    public const string ZoneKey = "tapline-zone";

    /// <summary><c>system</c>, <c>netdev</c>, or <c>dummy</c> (userspace without TUN device).</summary>
    public required string DatapathType { get; init; }

    /// <summary>The userspace datapath leaves a copy of each frame to the host's own stack.</summary>
    public bool IsUserspace => DatapathType != "system";

    public ImmutableDictionary<Id<Network>, int> Vlans { get; init; } = ImmutableDictionary<Id<Network>, int>.Empty;

    public ImmutableDictionary<Id<Port>, int> Zones { get; init; } = ImmutableDictionary<Id<Port>, int>.Empty;

    /// <summary>Every VLAN that a port of br-int has, whoever made it: none of them is free.</summary>
    public ImmutableHashSet<int> SeenVlans { get; init; } = [];

    public ImmutableHashSet<int> SeenZones { get; init; } = [];

    /// <summary>Links of the host's own namespace that somebody else made.</summary>
    public ImmutableHashSet<string> ForeignLinks { get; init; } = [];

    /// <summary>Reads the ids back from the switch's external_ids.</summary>
    public static Sticky From(HostState seen, string datapathType)
    {
        var vlans = new List<(Id<Network>, int)>();
        var zones = new List<(Id<Port>, int)>();
        var tagged = seen.OfType<HostItem.OvsPort>().Where(port => port.Bridge == Names.IntegrationBridge).ToList();
        foreach (var port in tagged)
        {
            if (port.Tag is { } tag && Id<Network>.TryParse(port.ExternalId(NetworkKey), out var network))
            {
                vlans.Add((network, tag));
            }

            if (int.TryParse(port.ExternalId(ZoneKey), CultureInfo.InvariantCulture, out var zone)
                && Id<Port>.TryParse(port.ExternalId("iface-id"), out var id))
            {
                zones.Add((id, zone));
            }
        }

        return new Sticky
        {
            DatapathType = datapathType,
            Vlans = LocalIds.KeptVlans(vlans),
            Zones = LocalIds.KeptZones(zones),
            SeenVlans = [.. tagged.Select(port => port.Tag).OfType<int>()],
            SeenZones = [.. zones.Select(claim => claim.Item2)],
            ForeignLinks = [.. seen.OfType<HostItem.Link>().Where(link => link is { In: "", Owner: "" }).Select(link => link.Name)],
        };
    }
}
