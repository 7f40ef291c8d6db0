using System.Text.Json.Nodes;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>A lab's host, whose agent is stopped while a mutation is in force, and then mends what it finds.</summary>
internal sealed class OracleLab : OracleHost
{
    private static int _count;

    private readonly LabFixture _lab = new($"oracle{Interlocked.Increment(ref _count)}");
    private Guest _guest = null!; // set when it starts
    private string _floating = "";
    private string _names = "";

    public static async Task<OracleHost> StartAsync()
    {
        var host = new OracleLab();
        try
        {
            await host.SetUpAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public override Task<Shell.Result> RunAsync(string commands) => _lab.OnHostAsync("bash", "-c", _names + commands);

    public override async Task<bool> PingsAsync(string way)
    {
        string[] ping = ["ping", "-n", "-q", "-c", "2", "-i", "0.2", "-W", "1"];
        return (way == Out ? await _lab.InAsync(_guest, [.. ping, LabFixture.Far]) : await _lab.OutsideAsync([.. ping, "-I", LabFixture.Far, _floating])).ExitCode == 0;
    }

    public override async Task<JsonNode> DoctorAsync(string way, string more = "")
    {
        var (from, to) = way == Out ? (_guest.Tap, LabFixture.Far) : (LabFixture.Far, _floating);
        var answer = await RunAsync($"{Path.GetFullPath(Labs.Tapline.Executable)} doctor ping {from} {to} --json {more}");
        return answer.ExitCode is 64 or 70 || answer.Text.Length == 0 ? throw new InvalidOperationException($"doctor {from} {to}: {answer}") : JsonNode.Parse(answer.Text)!;
    }

    public override async Task<bool> RestoreAsync()
    {
        if ((await RunAsync("test -e /sys/class/net/$NIC")).ExitCode != 0)
        {
            return false; // no agent makes one
        }

        (await Labs.Tapline.RunAsync("lab", "mend", "--lab", _lab.Name)).Required();
        var well = await DeviationAsync() is null;
        await PauseAsync();
        return well;
    }

    protected override async Task<Shell.Result?> MendAsync(string where, string command) => where switch
    {
        "host" => await _lab.OnHostAsync("sh", "-c", command),
        "guest" => await _lab.InAsync(_guest, "sh", "-c", command),
        "outside" => await _lab.OutsideAsync("sh", "-c", command),
        _ => null, // nothing was changed in the cloud
    };

    protected override Task<Shell.Result> OutsideAsync(string command) => _lab.OutsideAsync("sh", "-c", command);

    public override ValueTask DisposeAsync() => _lab.DisposeAsync();

    private async Task SetUpAsync()
    {
        await _lab.InitializeAsync();
        var tenant = await Tenant.MakeAsync(_lab); // goes with the lab
        _guest = await tenant.StartAsync("192.168.1.5");
        (_, _floating) = await tenant.FloatAsync(_guest);
        await Within.AtMostAsync(TimeSpan.FromSeconds(10), "the lab pings both ways", async () => await PingsAsync(Out) && await PingsAsync(In));
        _names = $"""
            set -a; export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C OVS_RUNDIR=/run/openvswitch
            TAP={_guest.Tap} QBR={_guest.Qbr} QVB={_guest.Qvb} QVO={_guest.Qvo} MAC={_guest.Mac} FIXED={_guest.Address} FLOATING={_floating} FAR={LabFixture.Far}
            R={tenant.RouterNamespace} RN="ip netns exec $R" G="ip netns exec {_guest.Namespace}" NIC=eth1 PROVIDER=br-eth1 GATEWAY=192.168.1.1

            """;
        var legs = await LinesAsync("$RN ls /sys/class/net");
        var (inner, outer) = (legs.Single(leg => leg.StartsWith("qr-", StringComparison.Ordinal)), legs.Single(leg => leg.StartsWith("qg-", StringComparison.Ordinal)));
        _names += $"QR={inner} OQR=o{inner} QG={outer} OQG=o{outer}\n";
        _names += $"OUTER={(await LinesAsync($"ip -n $R -4 -o addr show dev {outer} | awk '{{print $4}}' | grep -v /32 | cut -d/ -f1"))[0]}; set +a\n";
        await PauseAsync();
    }

    private async Task PauseAsync()
    {
        (await Labs.Tapline.RunAsync("lab", "stop", "host1", "agent", "--name", _lab.Name)).Required();
        await Within.AtMostAsync(TimeSpan.FromSeconds(10), "the agent is stopped", async () => await _lab.PidOfAsync("agent") is null);
    }
}
