using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tapline.Load;

/// <summary>Requests to a server alone, durable on SQLite on a real disk.</summary>
internal static class ApiFigures
{
    private const int Warm = 300;
    private const int Sequential = 1500;
    private const int Parallel = 6000;
    private const int Connections = 16;
    private const int Listed = 1000;

    /// <summary>One after the other, on one connection.</summary>
    public static void PortCreate(Context context)
    {
        var latency = new Figure("port create p50 beyond one fdatasync", "ms", "1 ms");
        var whole = new Figure("port create p50", "ms", "fdatasync + 1 ms");
        var cpu = new Figure("port create, server's CPU", "ms", "0.5 ms");
        foreach (var _ in context.Runs)
        {
            using var server = Start(context, out var api, out var network);
            using (api)
            {
                var request = PortRequest(api, network);
                Repeat(api, request, Warm);
                var before = Machine.Fdatasync(context.Scratch);
                var used = Machine.CpuOf(server.Pid);
                var times = Repeat(api, request, Sequential);
                used = Machine.CpuOf(server.Pid) - used;
                var sync = (before + Machine.Fdatasync(context.Scratch)) / 2;
                whole.Add(Machine.Median(times), context.Scratch);
                latency.Add(Machine.Median(times) - sync, context.Scratch);
                cpu.Add(used / Sequential, context.Scratch);
            }

            Remove(server);
        }

        context.Print(whole, latency, cpu);
    }

    public static void PortRate(Context context)
    {
        var rate = new Figure("ports created at concurrency 16", "/s", "2000 /s", smaller: false);
        var cpu = new Figure("the same, server's CPU", "ms", "0.5 ms");
        foreach (var _ in context.Runs)
        {
            using var server = Start(context, out var api, out var network);
            using (api)
            {
                var request = PortRequest(api, network);
                Repeat(api, request, Warm);
                var used = Machine.CpuOf(server.Pid);
                var start = Stopwatch.GetTimestamp();
                var threads = Enumerable.Range(0, Connections).Select(_ => new Thread(() =>
                {
                    using var own = new ApiConnection(server.Port);
                    Repeat(own, request, Parallel / Connections);
                })).ToList();
                threads.ForEach(thread => thread.Start());
                threads.ForEach(thread => thread.Join());
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                rate.Add(Parallel / Connections * Connections / seconds, context.Scratch);
                cpu.Add((Machine.CpuOf(server.Pid) - used) / Parallel, context.Scratch);
            }

            Remove(server);
        }

        context.Print(rate, cpu);
    }

    public static void PortList(Context context)
    {
        var list = new Figure("list of 1,000 ports p50", "ms", "5 ms");
        var cpu = new Figure("the same, server's CPU", "ms", "5 ms");
        foreach (var _ in context.Runs)
        {
            using var server = Start(context, out var api, out var network);
            using (api)
            {
                Repeat(api, PortRequest(api, network), Listed);
                var request = api.Request("GET", "/v2.0/ports");
                Repeat(api, request, 50);
                var used = Machine.CpuOf(server.Pid);
                list.Add(Machine.Median(Repeat(api, request, 300)), context.Scratch);
                cpu.Add((Machine.CpuOf(server.Pid) - used) / 300, context.Scratch);
            }

            Remove(server);
        }

        context.Print(list, cpu);
    }

    /// <summary>From the start of the process to the first 200 of a request with a token.</summary>
    public static void ServerStart(Context context)
    {
        var fresh = new Figure("server start on an empty directory to the first answer", "ms", "100 ms");
        var again = new Figure("server start with 1,000 ports to the first answer", "ms", "100 ms");
        foreach (var _ in context.Runs)
        {
            var data = ServerProcess.NewData(context.Scratch);
            var port = ServerProcess.FreePort();
            var start = Stopwatch.GetTimestamp();
            using (var server = new ServerProcess(context.Binary, data, port))
            {
                using (var api = server.Connect())
                {
                    api.Send("GET", "/");
                    fresh.Add(Figure.Milliseconds(start), context.Scratch);
                }

                using var login = server.Login();
                Repeat(login, PortRequest(login, Network(login)), Listed);
                var token = login.Token;
                server.Stop();
                start = Stopwatch.GetTimestamp();
                using var second = new ServerProcess(context.Binary, data, port);
                using var answer = second.Connect();
                answer.Token = token;
                answer.Send("GET", "/v2.0/networks");
                again.Add(Figure.Milliseconds(start), context.Scratch);
            }

            Directory.Delete(data, recursive: true);
        }

        context.Print(fresh, again);
    }

    private static ServerProcess Start(Context context, out ApiConnection api, out string network)
    {
        var server = new ServerProcess(context.Binary, ServerProcess.NewData(context.Scratch), ServerProcess.FreePort());
        api = server.Login();
        network = Network(api);
        return server;
    }

    private static string Network(ApiConnection api)
    {
        var network = api.CreateId("networks", "network", new JsonObject { ["name"] = "load" });
        api.Create("subnets", "subnet", new JsonObject { ["network_id"] = network, ["ip_version"] = 4, ["cidr"] = "10.20.0.0/16" });
        return network;
    }

    private static byte[] PortRequest(ApiConnection api, string network) =>
        api.Request("POST", "/v2.0/ports", new JsonObject { ["port"] = new JsonObject { ["network_id"] = network, ["name"] = "load" } });

    private static List<double> Repeat(ApiConnection api, byte[] request, int count)
    {
        var times = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var (status, _, body) = api.Exchange(request);
            times.Add(Figure.Milliseconds(start));
            if (status is not (200 or 201))
            {
                throw new LoadException($"{status}: {System.Text.Encoding.UTF8.GetString(body.Span)}");
            }
        }

        return times;
    }

    private static void Remove(ServerProcess server)
    {
        server.Stop();
        Directory.Delete(server.Data, recursive: true);
    }
}
