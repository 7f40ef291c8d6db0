using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Tapline.Wire.Netlink;
using Tapline.Wire.Ovs;

namespace Tapline.Load;

/// <summary>From a request, or a plugged port, to packets that pass: in a lab.</summary>
internal static class HostFigures
{
    private const string Host = LabCloud.HostName;
    internal const int Many = 200;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly IPAddress Gateway = IPAddress.Parse("10.30.0.1");
    private static readonly IPAddress Outside = IPAddress.Parse("10.1.0.1");

    /// <summary>From the OVS port row to the first answered ping, the binding in the API being asked for in the same moment.</summary>
    public static void Plug(Context context)
    {
        using var lab = new LabCloud(context);
        var (network, subnet) = lab.Network("10.30.0.0/20");
        lab.Router(subnet);
        lab.Settle();
        var figure = new Figure("plugged port to first answered ping, 1 port on the host", "ms", "100 ms");
        PlugRuns(context, lab, network, figure);
        context.Print(figure);
    }

    public static void Router(Context context)
    {
        using var lab = new LabCloud(context);
        var figure = new Figure("router with gateway and interface to first answered ping out", "ms", "300 ms");
        var (network, subnet) = lab.Network("10.30.0.0/20");
        using var guest = new Guest(lab, lab.Port(network, Host, "10.30.0.10"), 20);
        guest.Join();
        lab.Settle();
        foreach (var _ in context.Runs)
        {
            using var ping = new Pinger(guest.Namespace, "eth0", guest.Mac, guest.Address, Gateway, Outside);
            Thread.Sleep(Random.Shared.Next(1000));
            var start = Stopwatch.GetTimestamp();
            var router = lab.Router(subnet);
            var end = ping.UntilAnswered(Limit);
            figure.Add(Stopwatch.GetElapsedTime(start, end).TotalMilliseconds, context.Scratch);
            lab.RemoveRouter(router, subnet);
            lab.Settle();
        }

        context.Print(figure);
    }

    public static void FloatingIp(Context context)
    {
        using var lab = new LabCloud(context);
        var figure = new Figure("floating IP to answered from outside", "ms", "100 ms");
        var (network, subnet) = lab.Network("10.30.0.0/20");
        lab.Router(subnet);
        lab.Allow(lab.DefaultGroup, "icmp");
        using var guest = new Guest(lab, lab.Port(network, Host, "10.30.0.10"), 20);
        guest.Join();
        guest.RouteBy(Gateway);
        lab.Settle();
        using var route = RouteSocket.Open(lab.Outside);
        var mac = route.Link("ext0")?.Mac ?? throw new LoadException("the lab's outside has no ext0");
        foreach (var run in context.Runs)
        {
            var address = IPAddress.Parse($"10.1.7.{run}");
            using var ping = new Pinger(lab.Outside, "ext0", mac, Outside, address, address);
            Thread.Sleep(Random.Shared.Next(1000));
            var start = Stopwatch.GetTimestamp();
            var id = lab.Api.CreateId("floatingips", "floatingip", new JsonObject
            {
                ["floating_network_id"] = lab.Public,
                ["port_id"] = (string)guest.Port["id"]!,
                ["floating_ip_address"] = address.ToString(),
            });
            var end = ping.UntilAnswered(Limit);
            figure.Add(Stopwatch.GetElapsedTime(start, end).TotalMilliseconds, context.Scratch);
            lab.Api.Delete("floatingips", id);
            lab.Settle();
        }

        context.Print(figure);
    }

    /// <summary>The instance is pinged by a neighbour: it answers as soon as it has its address from DHCP.</summary>
    public static void Instance(Context context)
    {
        using var lab = new LabCloud(context);
        var figure = new Figure("instance create to first answered ping, DHCP included", "ms", "1,000 ms");
        var (network, _) = lab.Network("10.30.0.0/20");
        lab.Allow(lab.DefaultGroup, "icmp");
        using var neighbour = new Guest(lab, lab.Port(network, Host, "10.30.0.10"), 20);
        neighbour.Join();
        lab.Settle();
        foreach (var run in context.Runs)
        {
            var address = IPAddress.Parse($"10.30.1.{run}");
            using var ping = new Pinger(neighbour.Namespace, "eth0", neighbour.Mac, neighbour.Address, address, address);
            Thread.Sleep(Random.Shared.Next(1000));
            var start = Stopwatch.GetTimestamp();
            var id = lab.Api.CreateId("instances", "instance", new JsonObject
            {
                ["name"] = "load",
                ["ports"] = new JsonArray(new JsonObject
                {
                    ["network_id"] = network,
                    ["fixed_ips"] = new JsonArray(new JsonObject { ["ip_address"] = address.ToString() }),
                }),
            });
            var end = ping.UntilAnswered(Limit);
            figure.Add(Stopwatch.GetElapsedTime(start, end).TotalMilliseconds, context.Scratch);
            lab.Api.Delete("instances", id);
            lab.Settle();
        }

        context.Print(figure);
    }

    /// <summary>With 200 ports on the host: a rule in force, the agent's restart, one more port plugged, memory.</summary>
    public static void WithManyPorts(Context context)
    {
        using var lab = new LabCloud(context);
        var (network, subnet) = lab.Network("10.30.0.0/20");
        lab.Router(subnet);
        var group = lab.Api.CreateId("security-groups", "security_group", new JsonObject { ["name"] = "load" });
        var start = Stopwatch.GetTimestamp();
        lab.BindPorts(network, group, Many - 2);
        lab.Settle();
        var wired = new Figure("198 ports bound at once, all wired (with 1.5 s of watching)", "ms", "-");
        wired.Add(Figure.Milliseconds(start), context.Scratch);
        using var probe = new Guest(lab, lab.Port(network, Host, "10.30.8.1", group), 20);
        using var probed = new Guest(lab, lab.Port(network, Host, "10.30.8.2", group), 20);
        probe.Join();
        probed.Join();
        lab.Settle();

        var rule = new Figure("security group rule in force, 200 ports on the host", "ms", "50 ms");
        RuleRuns(context, lab, group, probe, probed, rule);
        var restart = new Figure("agent restart to nothing to do, 200 ports", "ms", "1,000 ms");
        RestartRuns(context, lab, restart);
        var plug = new Figure("plugged port to first answered ping, 200 ports on the host", "ms", "100 ms");
        PlugRuns(context, lab, network, plug);
        var memory = new Figure("resident memory of server and agent, 200 ports", "MB", "150 MB");
        var agent = new Figure("the agent's CPU at rest, 200 ports", "ms/s", "-");
        foreach (var _ in context.Runs)
        {
            var pid = lab.ServicePid("agent");
            var used = Machine.CpuOf(pid);
            Thread.Sleep(3000);
            agent.Add((Machine.CpuOf(pid) - used) / 3, context.Scratch);
            memory.Add(Machine.MemoryOf(pid) + Machine.MemoryOf(lab.ServicePid("server")), context.Scratch);
        }

        context.Print(wired, rule, restart, plug, memory, agent);
    }

    private static void RuleRuns(Context context, LabCloud lab, string group, Guest probe, Guest probed, Figure figure)
    {
        foreach (var _ in context.Runs)
        {
            using var ping = new Pinger(probe.Namespace, "eth0", probe.Mac, probe.Address, probed.Address, probed.Address);
            ping.UntilSilent(Limit);
            Thread.Sleep(Random.Shared.Next(2000));
            var start = 0L;
            var made = "";
            Thread? request = null;

            // The request goes from a thread of its own, so that probes go on while it is answered.
            var end = ping.UntilAnswered(Limit, () =>
            {
                start = Stopwatch.GetTimestamp();
                request = new Thread(() => made = lab.Api.CreateId("security-group-rules", "security_group_rule", new JsonObject
                {
                    ["security_group_id"] = group,
                    ["direction"] = "ingress",
                    ["protocol"] = "icmp",
                }));
                request.Start();
            });
            request!.Join(); // set where the time began
            figure.Add(Stopwatch.GetElapsedTime(start, end).TotalMilliseconds, context.Scratch);
            lab.Api.Delete("security-group-rules", made);
        }
    }

    /// <summary>From the request to the supervisor that starts the process, until it has logged its first reconcile, which must have found nothing to do.</summary>
    private static void RestartRuns(Context context, LabCloud lab, Figure figure)
    {
        const string Reconciled = "first reconcile: ";
        foreach (var _ in context.Runs)
        {
            lab.Settle();
            lab.Do("stop", "agent");
            Thread.Sleep(500);
            var before = lab.AgentLog().Length;
            var start = Stopwatch.GetTimestamp();
            lab.Do("start", "agent");
            var log = "";
            Machine.Wait(() => (log = lab.AgentLog()[before..]).Contains(Reconciled, StringComparison.Ordinal), TimeSpan.FromSeconds(30), "the agent's first reconcile");
            var took = Figure.Milliseconds(start);
            if (!log.Contains(Reconciled + "nothing to do", StringComparison.Ordinal))
            {
                throw new LoadException($"the restarted agent found something to do:\n{log[..Math.Min(log.Length, 2000)]}");
            }

            figure.Add(took, context.Scratch);
        }
    }

    private static void PlugRuns(Context context, LabCloud lab, string network, Figure figure)
    {
        var client = OvsdbClient.ConnectAsync(lab.OvsDatabase, CancellationToken.None).GetAwaiter().GetResult();
        var mirror = OvsdbMirror.StartAsync(client, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var run in context.Runs)
        {
            using var guest = new Guest(lab, lab.Port(network, null, $"10.30.9.{run}"), 20);
            using var ping = new Pinger(guest.Namespace, "eth0", guest.Mac, guest.Address, Gateway, Gateway);
            guest.Plug();
            Thread.Sleep(1000 + Random.Shared.Next(1000));
            var id = (string)guest.Port["id"]!;
            var start = Stopwatch.GetTimestamp();
            guest.AddSwitchPortAsync(mirror).GetAwaiter().GetResult();
            lab.Api.Send("PUT", $"/v2.0/ports/{id}", new JsonObject { ["port"] = new JsonObject { ["binding:host_id"] = Host } });
            var end = ping.UntilAnswered(Limit);
            figure.Add(Stopwatch.GetElapsedTime(start, end).TotalMilliseconds, context.Scratch);
            lab.Api.Delete("ports", id);
            lab.Settle();
        }

        client.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
