using System.Diagnostics;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;
using Host = Tapline.Core.Model.Host;

namespace Tapline.Load;

/// <summary>The pure functions of the loop, for a host of 200 ports; the same machine code that the release has.</summary>
internal static class PlanFigures
{
    private const string Project = "11111111111111111111111111111111";
    private const int Ports = 200;
    private const int Repetitions = 200;

    public static void Measure(Context context)
    {
        var plan = new Figure("plan and diff, 200 ports", "ms", "5 ms");
        var build = new Figure("Topology out of a slice, 200 ports", "ms", "-");
        var slice = new Figure("slice out of 1,000 ports, 200 on the host", "ms", "-");
        var put = new Figure("one port put into a Topology of 1,000", "ms", "-");
        var cloud = Topology.Of(Resources(1000));
        var own = Slicer.Of(cloud, "host0", "store").ToTopology();
        var sticky = new Sticky { DatapathType = "netdev" };
        var seen = AsSeen(HostPlanner.Plan(own, "host0", sticky));
        var port = cloud.Ports.Values.First();
        foreach (var _ in context.Runs)
        {
            plan.Add(Time(() => HostDiff.Between(seen, HostPlanner.Plan(own, "host0", Sticky.From(seen, "netdev"))).Length), context.Scratch);
            slice.Add(Time(() => Slicer.Of(cloud, "host0", "store").Ports.Count), context.Scratch);
            build.Add(Time(() => Slicer.Of(cloud, "host0", "store").ToTopology().Ports.Count) - slice.Last, context.Scratch);
            put.Add(Time(() => cloud.Put(port with { Name = "other" }).Ports.Count), context.Scratch);
        }

        if (HostDiff.Between(seen, HostPlanner.Plan(own, "host0", Sticky.From(seen, "netdev"))) is { Length: > 0 } changes)
        {
            throw new LoadException($"the plan is not stable: {changes[0]}");
        }

        context.Print(plan, slice, build, put);
    }

    /// <summary>The median of many, after a few to warm up.</summary>
    private static double Time(Func<int> work)
    {
        var times = new List<double>(Repetitions);
        for (var i = 0; i < Repetitions + 20; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = work();
            if (i >= 20)
            {
                times.Add(Figure.Milliseconds(start));
            }
        }

        return Machine.Median(times);
    }

    /// <summary>A host that is as planned, told by other objects: equality must be found out, not be the same reference.</summary>
    private static HostState AsSeen(HostState wanted) => HostState.Of(wanted.Items.Values.Select(item => item switch
    {
        HostItem.NftChain chain => chain with { Fingerprint = chain.Fingerprint.Select(mark => new string(mark.AsSpan())).ToValueList() },
        _ => item with { },
    }));

    private static IEnumerable<Resource> Resources(int ports)
    {
        var network = new Network { Id = Id<Network>(1), ProjectId = Project, Name = "load", Type = NetworkType.Local };
        var subnet = new Subnet
        {
            Id = Id<Subnet>(1),
            ProjectId = Project,
            NetworkId = network.Id,
            Cidr = IpPrefix.Parse("10.30.0.0/16"),
            GatewayIp = IpAddress.Parse("10.30.0.1"),
        };
        var group = new SecurityGroup { Id = Id<SecurityGroup>(1), ProjectId = Project, Name = "load" };
        var hosts = Enumerable.Range(0, ports / Ports)
            .Select(number => new Host { Name = $"host{number}", ProjectId = "", BridgeMappings = [new BridgeMapping("physnet1", "br-eth1", "eth1")] });
        var rules = Enumerable.Range(1, 4).Select(number => new SecurityGroupRule
        {
            Id = Id<SecurityGroupRule>(number),
            ProjectId = Project,
            SecurityGroupId = group.Id,
            Direction = number % 2 == 0 ? RuleDirection.Ingress : RuleDirection.Egress,
            IsV6 = number > 2,
            RemoteGroupId = number == 2 ? group.Id : null,
        });
        return
        [
            network, subnet, group, .. hosts, .. rules,
            .. Enumerable.Range(1, ports).Select(number => new Port
            {
                Id = Id<Port>(number),
                ProjectId = Project,
                NetworkId = network.Id,
                Mac = new MacAddress(0xfa163e000000 + (ulong)number),
                FixedIps = [new FixedIp(subnet.Id, subnet.Cidr.Address.Plus((UInt128)(number + 1)))],
                DeviceOwner = "compute:load",
                DeviceId = Id<Port>(number).ToString(),
                HostId = $"host{number % (ports / Ports)}",
                SecurityGroups = [group.Id],
            }),
        ];
    }

    private static Id<T> Id<T>(int number) => new(new Guid(number, 0, 0, new byte[8]));
}
