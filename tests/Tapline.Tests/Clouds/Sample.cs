using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Clouds;

/// <summary>Small resources for tests; numbers become ids, addresses and MACs that can be told apart.</summary>
internal static class Sample
{
    public const string Project = "11111111111111111111111111111111";

    public static Id<T> Id<T>(int number) => new(new Guid(number, 0, 0, new byte[8]));

    public static Network Network(int number) => new()
    {
        Id = Id<Network>(number),
        ProjectId = Project,
        Name = $"net{number}",
        Type = NetworkType.Vlan,
        PhysicalNetwork = "physnet1",
        SegmentationId = number,
    };

    public static Subnet Subnet(int number, Network network) => new()
    {
        Id = Id<Subnet>(number),
        ProjectId = Project,
        NetworkId = network.Id,
        Cidr = IpPrefix.Parse($"10.{number}.0.0/16"),
        GatewayIp = IpAddress.Parse($"10.{number}.0.1"),
    };

    public static Port Port(int number, Subnet subnet, string? host = null, string owner = "compute:nova", string device = "") => new()
    {
        Id = Id<Port>(number),
        ProjectId = Project,
        NetworkId = subnet.NetworkId,
        Mac = new MacAddress(0xfa163e000000 + (ulong)number),
        FixedIps = [new FixedIp(subnet.Id, subnet.Cidr.Address.Plus((UInt128)number))],
        DeviceOwner = owner,
        DeviceId = device,
        HostId = host,
    };

    public static Router Router(int number, Port? gateway = null) => new()
    {
        Id = Id<Router>(number),
        ProjectId = Project,
        GatewayPortId = gateway?.Id,
    };

    public static SecurityGroup Group(int number) => new() { Id = Id<SecurityGroup>(number), ProjectId = Project, Name = $"sg{number}" };

    public static SecurityGroupRule Rule(int number, SecurityGroup group, SecurityGroup? remote = null) => new()
    {
        Id = Id<SecurityGroupRule>(number),
        ProjectId = Project,
        SecurityGroupId = group.Id,
        Direction = RuleDirection.Ingress,
        IsV6 = false,
        RemoteGroupId = remote?.Id,
    };
}
