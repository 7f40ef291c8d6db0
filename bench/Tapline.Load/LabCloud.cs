using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tapline.Wire.Namespaces;

namespace Tapline.Load;

/// <summary>A lab of one's own, seen by root on the machine: its API, its host's namespaces by their processes.</summary>
internal sealed class LabCloud : IDisposable
{
    public const string HostName = "host1";

    private readonly string _binary;
    private readonly JsonObject _description;

    public LabCloud(Context context)
    {
        _binary = context.Binary;
        Name = $"bench-{Environment.ProcessId}";
        Machine.Run(_binary, "lab", "up", "--name", Name, "--json");
        try
        {
            _description = Describe();
            HostPid = PidOf("hosts", "name", HostName);
            Host = NetNamespace.Open($"/proc/{HostPid}/ns/net");
            Outside = NetNamespace.Open($"/proc/{PidOf("hosts", "name", "outside")}/ns/net");
            Api = new ApiConnection(new Uri((string)_description["api_url"]!).Port);
            Api.Authenticate(Machine.Run(_binary, "lab", "env", "--name", Name).Split('\n')
                .First(line => line.StartsWith("export OS_PASSWORD=", StringComparison.Ordinal)).Split('\'')[1]);
            Public = (string)Api.Send("GET", "/v2.0/networks?name=public")["networks"]![0]!["id"]!;
            DefaultGroup = (string)Api.Send("GET", "/v2.0/security-groups?name=default")["security_groups"]![0]!["id"]!;
        }
        catch
        {
            Machine.Run(_binary, "lab", "down", "--name", Name);
            throw;
        }
    }

    public string Name { get; }

    public ApiConnection Api { get; }

    public NetNamespace Host { get; }

    public NetNamespace Outside { get; }

    public int HostPid { get; }

    public string Public { get; }

    public string DefaultGroup { get; }

    public string OvsDatabase => $"/proc/{HostPid}/root/run/openvswitch/db.sock";

    /// <summary>Of a service as it runs now.</summary>
    public int ServicePid(string service) => (int)Describe()["services"]!.AsArray().First(item => (string?)item!["service"] == service)!["pid"]!;

    /// <summary>Asks the lab's supervisor itself: a start of the program to do it would take time that is measured.</summary>
    public void Do(string action, string service)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint($"/tmp/tapline-0/{Name}/control.sock"));
        socket.Send(Encoding.UTF8.GetBytes($$"""{"do": "{{action}}", "host": "host1", "service": "{{service}}"}""" + "\n"));
        var answer = new byte[4096];
        var length = socket.Receive(answer);
        if (length == 0 || answer.AsSpan(0, length).IndexOf("error"u8) >= 0)
        {
            throw new LoadException($"the lab did not {action} {service}");
        }
    }

    /// <summary>What the agent has logged so far.</summary>
    public string AgentLog()
    {
        var log = (string)_description["services"]!.AsArray().First(item => (string?)item!["service"] == "agent")!["log"]!;
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(file).ReadToEnd();
    }

    /// <summary>Returns when the host has carried out all, without a failure, and has stayed so for a while.</summary>
    public void Settle()
    {
        var since = Stopwatch.GetTimestamp();
        var log = "";
        Machine.Wait(() =>
        {
            Thread.Sleep(20);
            var host = Api.Send("GET", "/tapline/v1/status")["hosts"]![0]!;
            var now = AgentLog();
            if ((long)host["wanted_revision"]! != (long)host["applied_revision"]! || (int)host["failure_count"]! > 0 || now != log)
            {
                log = now;
                since = Stopwatch.GetTimestamp();
            }

            return Stopwatch.GetElapsedTime(since).TotalSeconds > 1.5;
        }, TimeSpan.FromSeconds(120), "the host's settling");
    }

    /// <summary>A network with a subnet; its gateway answers only where a router is on it.</summary>
    public (string Network, string Subnet) Network(string cidr)
    {
        var network = Api.CreateId("networks", "network", new JsonObject { ["name"] = "load" });
        return (network, Api.CreateId("subnets", "subnet", new JsonObject { ["network_id"] = network, ["ip_version"] = 4, ["cidr"] = cidr }));
    }

    public string Router(string subnet)
    {
        var router = Api.CreateId("routers", "router", new JsonObject
        {
            ["name"] = "load",
            ["external_gateway_info"] = new JsonObject { ["network_id"] = Public },
        });
        Api.Send("PUT", $"/v2.0/routers/{router}/add_router_interface", new JsonObject { ["subnet_id"] = subnet });
        return router;
    }

    public void RemoveRouter(string router, string subnet)
    {
        Api.Send("PUT", $"/v2.0/routers/{router}/remove_router_interface", new JsonObject { ["subnet_id"] = subnet });
        Api.Delete("routers", router);
    }

    public void Allow(string group, string protocol) => Api.Create("security-group-rules", "security_group_rule", new JsonObject
    {
        ["security_group_id"] = group,
        ["direction"] = "ingress",
        ["protocol"] = protocol,
    });

    public JsonObject Port(string network, string? host, string address, string? group = null)
    {
        var port = new JsonObject
        {
            ["network_id"] = network,
            ["device_owner"] = "compute:load",
            ["device_id"] = Guid.NewGuid().ToString(),
            ["security_groups"] = new JsonArray(group ?? DefaultGroup),
            ["fixed_ips"] = new JsonArray(new JsonObject { ["ip_address"] = address }),
        };
        if (host is not null)
        {
            port["binding:host_id"] = host;
        }

        return Api.Create("ports", "port", port);
    }

    /// <summary>That many ports, asked for in one request, bound to the host; their VIFs have no hypervisor.</summary>
    public void BindPorts(string network, string group, int count)
    {
        var ports = new JsonArray();
        for (var i = 0; i < count; i++)
        {
            ports.Add((JsonNode)new JsonObject
            {
                ["network_id"] = network,
                ["binding:host_id"] = HostName,
                ["device_owner"] = "compute:load",
                ["device_id"] = Guid.NewGuid().ToString(),
                ["security_groups"] = new JsonArray(group),
            });
        }

        Api.Send("POST", "/v2.0/ports", new JsonObject { ["ports"] = ports });
    }

    /// <summary>The command that runs the program on the host, without asking the lab.</summary>
    public string[] OnHost(params string[] arguments) =>
        ["nsenter", "-t", $"{HostPid}", "--mount", "--net", "--pid", "--wd=/", "--", _binary, .. arguments];

    public void Dispose()
    {
        Api.Dispose();
        Host.Dispose();
        Outside.Dispose();
        Machine.Run(_binary, "lab", "down", "--name", Name);
    }

    private JsonObject Describe() =>
        JsonNode.Parse(Machine.Run(_binary, "lab", "list", "--json"))!.AsArray().First(lab => (string?)lab!["name"] == Name)!.AsObject();

    private int PidOf(string list, string key, string name) =>
        (int)_description[list]!.AsArray().First(item => (string?)item![key] == name)!["pid"]!;
}
