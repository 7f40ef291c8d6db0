using System.Diagnostics;
using System.Text.Json.Nodes;
using Tapline.Wire.Ovs;

namespace Tapline.HostTests.Wire;

/// <summary>ovsdb-server and ovs-vswitchd of a test's own, in a namespace and a directory of its own.</summary>
internal sealed class PrivateOvs : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ScratchNamespace _scratch = new();
    private readonly List<Process> _processes = [];

    private PrivateOvs(string datapathType)
    {
        DatapathType = datapathType;
        RunDirectory = Directory.CreateTempSubdirectory("wire-ovs-").FullName;
    }

    internal string RunDirectory { get; }

    internal string Socket => Path.Combine(RunDirectory, "db.sock");

    internal string DatapathType { get; }

    internal Tapline.Wire.Namespaces.NetNamespace Namespace => _scratch.Namespace;

    /// <summary>With the datapath type that works here.</summary>
    internal static Task<PrivateOvs> StartAsync(CancellationToken cancellationToken) =>
        StartAsync(CanOpenTun() ? "netdev" : "dummy", cancellationToken);

    internal static async Task<PrivateOvs> StartAsync(string datapathType, CancellationToken cancellationToken)
    {
        if (!File.Exists("/usr/sbin/ovs-vswitchd") || !File.Exists("/usr/share/openvswitch/vswitch.ovsschema"))
        {
            Assert.Skip("Open vSwitch is not installed here");
        }

        var ovs = new PrivateOvs(datapathType);
        try
        {
            await ovs.StartServersAsync(cancellationToken);
            return ovs;
        }
        catch
        {
            await ovs.DisposeAsync();
            throw;
        }
    }

    internal Process Vswitchd => _processes[1];

    /// <summary>A bridge with itself as only port, by nothing but the client under test.</summary>
    internal async Task AddBridgeAsync(OvsdbMirror mirror, string name, CancellationToken cancellationToken)
    {
        var root = mirror.Current.Configuration?.Uuid ?? throw new InvalidOperationException("the database has no root row");
        var transaction = new OvsdbTransaction()
            .Insert("Interface", new JsonObject { ["name"] = name, ["type"] = "internal" }, "iface")
            .Insert("Port", new JsonObject { ["name"] = name, ["interfaces"] = OvsValue.NamedUuid("iface") }, "port")
            .Insert("Bridge", new JsonObject
            {
                ["name"] = name,
                ["datapath_type"] = DatapathType,
                ["fail_mode"] = "secure",
                ["ports"] = OvsValue.NamedUuid("port"),
                ["external_ids"] = OvsValue.Map([new("mark", "ours"), new("other", "x y")]),
            }, "bridge")
            .Mutate("Open_vSwitch", root, "bridges", "insert", OvsValue.NamedUuid("bridge"));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        await transaction.CommitAndWaitAsync(mirror, deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(RunDirectory, recursive: true);
        _scratch.Dispose();
    }

    private static bool CanOpenTun()
    {
        try
        {
            using var tun = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        var database = Path.Combine(RunDirectory, "conf.db");
        using (var tool = Start("ovsdb-tool", "create", database, "/usr/share/openvswitch/vswitch.ovsschema"))
        {
            await tool.WaitForExitAsync(cancellationToken);
        }

        string[] quiet = ["-vconsole:off", "-vsyslog:off", "-vfile:off", $"--pidfile={RunDirectory}/"];
        _processes.Add(Start("ovsdb-server", [database, $"--remote=punix:{Socket}", .. Named(quiet, "ovsdb-server")]));
        await UntilAsync(() => File.Exists(Socket), cancellationToken);
        await using (var client = await OvsdbClient.ConnectAsync(Socket, cancellationToken))
        {
            await client.TransactAsync("""[{"op":"insert","table":"Open_vSwitch","row":{}}]""", cancellationToken);
        }

        string[] kind = DatapathType == "dummy" ? ["--enable-dummy", "--disable-system"] : ["--disable-system"];
        _processes.Add(Start("ovs-vswitchd", [$"unix:{Socket}", .. kind, .. Named(quiet, "ovs-vswitchd")]));
        await UntilAsync(() => Unixctl.Find(RunDirectory) is not null, cancellationToken);
    }

    private static IEnumerable<string> Named(string[] options, string program) =>
        options.Select(option => option.StartsWith("--pidfile", StringComparison.Ordinal) ? option + program + ".pid" : option);

    private Process Start(string program, params string[] arguments) => _scratch.Namespace.Run(() =>
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["OVS_RUNDIR"] = RunDirectory;
        start.Environment["OVS_LOGDIR"] = RunDirectory;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    });

    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "Open vSwitch did not start in time");
            await Task.Delay(20, cancellationToken);
        }
    }
}
