using Tapline.Core.Model;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Properties;

/// <summary>
/// A real host, the lab's, that was wiped and has no agent but those that a test starts. It has the NICs that the random clouds name.
/// <see cref="Fresh"/> is the dump of it when it had seen nothing but the empty cloud.
/// </summary>
public sealed class KernelHost : IAsyncLifetime
{
    internal const string Name = "h1";
    private const string Wipe = """
        for bridge in $(ovs-vsctl list-br); do ovs-vsctl del-br $bridge; done
        nft flush ruleset
        rm -rf /run/tapline
        ip link add eth2 type veth peer name far2 && ip link set eth2 up && ip link set far2 up
        """;

    private readonly LabFixture _lab = new("properties");

    internal string Datapath { get; private set; } = "";

    internal string Fresh { get; private set; } = "";

    /// <summary>The host alone, with one physical network: what is left of others stands out, and what is left on its own bridge too.</summary>
    internal static Topology Empty { get; } = Topology.Empty.Put(
        new Host { Name = Name, ProjectId = "", BridgeMappings = [new BridgeMapping("physnet1", "br-provider1", "eth1")] });

    public async ValueTask InitializeAsync()
    {
        await _lab.InitializeAsync();
        await Within.AtMostAsync(Within.FiveSeconds, "the lab's agent has begun", async () =>
            (Datapath = (await _lab.OnHostAsync("ovs-vsctl", "get", "bridge", "br-int", "datapath_type")).Text.Trim()).Length > 0);
        (await Labs.Tapline.RunAsync("lab", "stop", "host1", "agent", "--name", _lab.Name)).Required();
        await Within.AtMostAsync(Within.FiveSeconds, "the agent has ended", async () => await _lab.PidOfAsync("agent") is null);
        await ShellAsync(Wipe);
        using var runner = await StartAsync();
        Assert.Empty((await runner.DoAsync(Empty)).Failures);
        Fresh = await RawDump.OfAsync(this);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    /// <summary>An agent that knows nothing yet.</summary>
    internal Task<Runner> StartAsync() => Runner.StartAsync(_lab, Name, Datapath);

    /// <summary>What a script of the host's own shell prints.</summary>
    internal async Task<string> ShellAsync(string script) => (await _lab.OnHostAsync("sh", "-e", "-c", script)).Required().Text;
}
