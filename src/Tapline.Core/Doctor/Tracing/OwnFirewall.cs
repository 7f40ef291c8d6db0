using Tapline.Core.Doctor.Netfilter;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Tells drops of a cloud's own firewall (security groups, anti-spoofing) from foreign ones: those are mended by asking the cloud, not by taking rules away.</summary>
internal static class OwnFirewall
{
    private static readonly string[] NeutronChains = ["neutron-openvswi-", "neutron-linuxbri-", "sg-fallback", "sg-chain"];

    public static Fault Explain(Fault fault, FilterContext context, FilterStep step)
    {
        if (fault.Namespace.Length > 0 || !IsCloudChain(step))
        {
            return fault;
        }

        var packet = context.Packet;
        var port = context.PhysicalIn ?? context.In ?? "";
        var isEgress = port.StartsWith("tap", StringComparison.Ordinal);
        if (IsSpoofChain(step))
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
        return fault with
        {
            Code = $"security-group.no-{direction}-rule",
            Summary = $"no rule of the port's security groups lets {Packets.Words(packet)} {(isEgress ? "out" : "in")}",
            Evidence = [.. fault.Evidence, fault.Summary],
            Fix = new Fix(FixPlace.Api, [$"openstack security group rule create --{direction} --protocol {Protocol(packet)}{Ports(packet)} GROUP"],
                "opens it for all ports of that group (GROUP: one of the port's security groups, 'openstack port show' names them)"),
        };
    }

    private static bool IsCloudChain(FilterStep step) =>
        (step.Table.Program == "nft" && step.Table.Name == "tapline") || NeutronChains.Any(name => step.Chain.Name.StartsWith(name, StringComparison.Ordinal));

    private static bool IsSpoofChain(FilterStep step) =>
        step.Chain.Name is "from-tap" || step.Chain.Name.StartsWith("neutron-openvswi-s", StringComparison.Ordinal)
        && !step.Chain.Name.StartsWith("neutron-openvswi-sg-", StringComparison.Ordinal);

    private static string Protocol(Packet packet) => packet.Protocol switch
    {
        Packet.Icmp => "icmp",
        Packet.Tcp => "tcp",
        Packet.Udp => "udp",
        Packet.Icmpv6 => "ipv6-icmp",
        _ => packet.Protocol.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Ports(Packet packet) =>
        packet.Protocol is Packet.Tcp or Packet.Udp ? $" --dst-port {packet.DestinationPort.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : "";
}
