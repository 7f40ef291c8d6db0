using System.Globalization;
using Tapline.Core.Doctor.Netfilter;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Tells drops of a cloud's own firewall (security groups, anti-spoofing) from foreign ones: those are mended by asking the cloud, not by taking rules away.</summary>
internal static class OwnFirewall
{
    private static readonly string[] NeutronPrefixes = ["neutron-openvswi-", "neutron-linuxbri-"];

    public static Fault Explain(Fault fault, FilterContext context, FilterStep step)
    {
        var (tap, isEgress) = context.PhysicalIn is { } from && from.StartsWith("tap", StringComparison.Ordinal) ? (from, true) : (context.PhysicalOut ?? context.In ?? context.Out ?? "", false);
        if (fault.Namespace.Length > 0 || !IsCloudChain(step, tap) || !(EndsChain(step) || AsksForClaims(step)))
        {
            return fault;
        }

        var packet = context.Packet;
        if (IsSpoofChain(step, tap))
        {
            return fault with
            {
                Code = "port.spoofed",
                Summary = $"{Packets.Words(packet)} does not bear an address of its port ({packet.EtherSource}, {packet.Source}), so anti-spoofing drops it",
                Fix = new Fix(FixPlace.Api, [$"openstack port set --allowed-address ip-address={packet.Source} PORT"],
                    "lets the port use that address; or set the instance's address to the port's own"),
            };
        }

        var direction = isEgress ? "egress" : "ingress";
        var wanted = $"openstack security group rule create --{direction} --protocol {Protocol(packet)}{Ports(packet, " --dst-port ")} GROUP";
        return fault with
        {
            Code = $"security-group.no-{direction}-rule",
            Summary = $"no rule of the port's security groups lets {Packets.Words(packet)} {(isEgress ? "out" : "in")}",
            Evidence = [.. fault.Evidence, fault.Summary],
            Fix = PortChain(step, tap, isEgress) is { } chain
                ? LinkFaults.Host("", $"{step.Table.Program} -t {step.Table.Name} -I {chain} -p {Protocol(packet)}{Ports(packet, " --dport ")} -j RETURN",
                    $"lets it pass at once; for good, ask the cloud, whose agent writes these chains: {wanted} (GROUP: one of the port's security groups)")
                : new Fix(FixPlace.Api, [wanted], "opens it for all ports of that group"),
        };
    }

    /// <summary>Of Tapline's own table, of Neutron's agents, or named after the port as theirs are.</summary>
    private static bool IsCloudChain(FilterStep step, string tap) =>
        step.Table.Program == "nft" ? step.Table.Name == "tapline"
        : step.Chain.Name.StartsWith("sg-", StringComparison.Ordinal) || Array.Exists(NeutronPrefixes, prefix => step.Chain.Name.StartsWith(prefix, StringComparison.Ordinal)) || IsOfPort(step.Chain.Name, 's', tap)
            || IsOfPort(step.Chain.Name, 'i', tap) || IsOfPort(step.Chain.Name, 'o', tap);

    /// <summary>
    /// What nothing in the chain took; a drop with conditions, or ahead of others, was put there by somebody. A policy is a hook's, where
    /// no group's rules are.
    /// </summary>
    private static bool EndsChain(FilterStep step) =>
        step.Rule is { } rule && !rule.Statements.OfType<Statement.Match>().Any() && step.Chain.Rules[^1] == rule;

    /// <summary>It looks the sender up in the table's own set of who may bear what.</summary>
    private static bool AsksForClaims(FilterStep step) =>
        step is { Table: { Program: "nft", Family: "bridge" }, Rule: { } rule } && rule.Statements.OfType<Statement.Match>().Any(match => match is { Left: Operand.Tuple, Right: Operand.Named });

    /// <summary>Tapline's table of the bridge family knows nothing but spoofing; Neutron's s-chains.</summary>
    private static bool IsSpoofChain(FilterStep step, string tap) => step.Table is { Program: "nft", Family: "bridge" } || IsOfPort(step.Chain.Name, 's', tap);

    /// <summary>The chain of iptables that the port's own rules are in; null for other firewalls.</summary>
    private static string? PortChain(FilterStep step, string tap, bool isEgress) => step.Table.Program == "nft" ? null
        : step.Table.Chains.Select(chain => chain.Name).FirstOrDefault(name => IsOfPort(name, isEgress ? 'o' : 'i', tap));

    /// <summary>Neutron cuts the names of its chains to 28 characters: prefix, direction, and what fits of the port's id.</summary>
    private static bool IsOfPort(string chain, char direction, string tap)
    {
        var bare = Array.Find(NeutronPrefixes, prefix => chain.StartsWith(prefix, StringComparison.Ordinal)) is { } found ? chain[found.Length..] : chain;
        return tap.Length > 13 && bare.Length > 10 && bare[0] == direction && tap[3..].StartsWith(bare[1..], StringComparison.Ordinal);
    }

    private static string Protocol(Packet packet) => packet.Protocol switch
    {
        Packet.Icmp => "icmp",
        Packet.Tcp => "tcp",
        Packet.Udp => "udp",
        Packet.Icmpv6 => "ipv6-icmp",
        _ => packet.Protocol.ToString(CultureInfo.InvariantCulture),
    };

    private static string Ports(Packet packet, string option) =>
        packet.Protocol is Packet.Tcp or Packet.Udp ? option + packet.DestinationPort.ToString(CultureInfo.InvariantCulture) : "";
}
