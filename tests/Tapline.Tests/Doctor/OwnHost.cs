using System.Text.Json.Nodes;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Tests.Doctor.Netfilter;

namespace Tapline.Tests.Doctor;

/// <summary>The path bed with Tapline's own rules on its host, and what the cloud says of its port.</summary>
internal static class OwnHost
{
    public static readonly Id<Port> Port = Id<Port>.Parse("11111111-1111-4111-8111-111111111111");
    public static readonly Id<SecurityGroup> Group = Id<SecurityGroup>.Parse("5e000000-0000-4000-8000-000000000000");
    private static readonly Id<Network> Network = Id<Network>.Parse("a0000000-0000-4000-8000-000000000000");
    private static readonly Id<Subnet> Subnet = Id<Subnet>.Parse("b0000000-0000-4000-8000-000000000000");

    /// <summary>Its group lets in nothing but its own members.</summary>
    public static Observation Healthy { get; } = WithRules(_ => false, document => document);

    /// <summary>Without these rules (<c>chain</c>, <c>handle</c>, <c>expr</c> as nft prints them), and with the document's text changed.</summary>
    public static Observation WithRules(Func<JsonNode, bool> isGone, Func<string, string> change)
    {
        var document = JsonNode.Parse(change(CorpusFile.Read("tapline-host.json").Replace("10000000-00", "11111111-11", StringComparison.Ordinal)
            .Replace("192.168.1.5", "10.0.0.5", StringComparison.Ordinal).Replace("fa:16:3e:10:00:00", "fa:16:3e:00:00:05", StringComparison.Ordinal)))!;
        var left = document["nftables"]!.AsArray().Where(item => item!["rule"] is not { } rule || !isGone(rule)).Select(item => item!.DeepClone());
        return PathBed.Healthy.With("", ns => ns with { Iptables = [], Nftables = new JsonObject { ["nftables"] = new JsonArray([.. left]) }.ToJsonString() });
    }

    /// <summary>All rules of the chain that sends a VIF to its own are gone.</summary>
    public static bool IsDispatch(JsonNode rule) => (string?)rule["family"] == "inet" && (string?)rule["chain"] == "forward";

    public static string Dropping(string document) =>
        document.Replace("\"hook\": \"forward\", \"prio\": 0, \"policy\": \"accept\"", "\"hook\": \"forward\", \"prio\": 0, \"policy\": \"drop\"", StringComparison.Ordinal);

    /// <summary>The cloud's port with that address, in a group with these rules.</summary>
    public static Topology Cloud(string address, params IEnumerable<SecurityGroupRule> rules) => Topology.Of(
    [
        new Subnet { Id = Subnet, ProjectId = "p", NetworkId = Network, Cidr = IpPrefix.Parse("10.0.0.0/24"), GatewayIp = IpAddress.Parse("10.0.0.1") },
        new SecurityGroup { Id = Group, ProjectId = "p" },
        new Port
        {
            Id = Port, ProjectId = "p", NetworkId = Network, Mac = MacAddress.Parse("fa:16:3e:00:00:05"), SecurityGroups = [Group],
            FixedIps = [new FixedIp(Subnet, IpAddress.Parse(address))],
        },
        .. rules,
    ]);

    public static SecurityGroupRule Ingress(string protocol, int? first = null, string? remote = null) => new()
    {
        Id = Id<SecurityGroupRule>.Parse("c0000000-0000-4000-8000-000000000000"),
        ProjectId = "p",
        SecurityGroupId = Group,
        Direction = RuleDirection.Ingress,
        IsV6 = false,
        Protocol = protocol,
        PortRangeMin = first,
        RemoteIpPrefix = remote is null ? null : IpPrefix.Parse(remote),
    };
}
