using System.Text.Json.Nodes;

namespace Tapline.Demo;

/// <summary>One device that a packet crossed, and how it looked there.</summary>
internal sealed record Hop
{
    public required string Device { get; init; }

    /// <summary>tap, bridge, veth, ovs-bridge, ovs-port, patch, router, nic or outside.</summary>
    public required string Kind { get; init; }

    /// <summary>Empty for the host's own.</summary>
    public required string Namespace { get; init; }

    public required string Source { get; init; }

    public required string Destination { get; init; }

    public required string SourceMac { get; init; }

    public required string DestinationMac { get; init; }

    public int? Vlan { get; init; }

    /// <summary>capture, or ofproto-trace for what is no kernel device.</summary>
    public required string SeenBy { get; init; }

    public JsonObject ToJson() => new()
    {
        ["device"] = Device,
        ["kind"] = Kind,
        ["namespace"] = Namespace,
        ["src"] = Source,
        ["dst"] = Destination,
        ["mac_src"] = SourceMac,
        ["mac_dst"] = DestinationMac,
        ["vlan"] = Vlan,
        ["seen_by"] = SeenBy,
    };

    public static Hop FromJson(JsonNode json) => new()
    {
        Device = (string)json["device"]!,
        Kind = (string)json["kind"]!,
        Namespace = (string)json["namespace"]!,
        Source = (string)json["src"]!,
        Destination = (string)json["dst"]!,
        SourceMac = (string)json["mac_src"]!,
        DestinationMac = (string)json["mac_dst"]!,
        Vlan = (int?)json["vlan"],
        SeenBy = (string)json["seen_by"]!,
    };
}
