using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tapline.Agent;
using Tapline.Wire.Namespaces;

namespace Tapline.HostTests.Labs;

/// <summary>One lab, brought up by the built program, shared by the tests that change and break its cloud; down when they are done.</summary>
public sealed partial class LabFixture : IAsyncLifetime
{
    public const string Far = "198.51.100.1";
    public const string Gateway = "10.1.0.1";

    private static readonly string[] User = Environment.IsPrivilegedProcess ? [] : ["--user", "--preserve-credentials"];
    private readonly Dictionary<string, int> _hosts = [];

    public LabFixture()
        : this("e2e")
    {
    }

    /// <summary>A lab beside the shared one.</summary>
    internal LabFixture(string kind) => Name = $"{kind}-{Environment.ProcessId}";

    public string Name { get; }

    /// <summary>What <c>lab env</c> exports.</summary>
    public IReadOnlyDictionary<string, string> Environs { get; private set; } = new Dictionary<string, string>();

    internal CloudApi Admin { get; private set; } = null!; // set before any test runs

    internal string ApiUrl { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var description = JsonNode.Parse((await Tapline.RunAsync("lab", "up", "--name", Name, "--json")).Required().Text)!;
        try
        {
            ApiUrl = (string)description["api_url"]!;
            foreach (var host in description["hosts"]!.AsArray())
            {
                _hosts[(string)host!["name"]!] = (int)host["pid"]!;
            }

            var exports = (await Tapline.RunAsync("lab", "env", "--lab", Name)).Required().Text;
            Environs = Export().Matches(exports).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
            Admin = await CloudApi.SignInAsync(ApiUrl, Environs["OS_USERNAME"], Environs["OS_PASSWORD"], Environs["OS_PROJECT_NAME"]);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        await Tapline.RunAsync("lab", "down", "--name", Name);
    }

    /// <summary>The command that runs another on that host, without asking the server or the lab.</summary>
    internal string[] On(string host, params IEnumerable<string> command) =>
        ["nsenter", "-t", $"{_hosts[host]}", .. User, "--mount", "--net", "--pid", "--wd=/", "--", .. command];

    internal string[] In(Guest guest, params IEnumerable<string> command) =>
        On(guest.Host, [.. InstanceEntry.Command(new HostPaths("/run/tapline", "/run/openvswitch"), guest.Id), .. command]);

    internal Task<Shell.Result> OnHostAsync(params IEnumerable<string> command) => Shell.RunAsync(On("host1", command));

    internal Task<Shell.Result> OutsideAsync(params IEnumerable<string> command) => Shell.RunAsync(On("outside", command));

    internal Task<Shell.Result> InAsync(Guest guest, params IEnumerable<string> command) => Shell.RunAsync(In(guest, command));

    /// <summary>Whether one ping is answered, asked by that command prefix.</summary>
    internal static async Task<bool> PingsAsync(IEnumerable<string> from, string target) =>
        (await Shell.RunAsync([.. from, "ping", "-n", "-c", "1", "-W", "0.3", target])).ExitCode == 0;

    internal Task<bool> PingsFromOutsideAsync(string target) => PingsAsync(On("outside"), target);

    internal Task<bool> PingsFromAsync(Guest guest, string target) => PingsAsync(In(guest), target);

    /// <summary>A namespace of host1 by its name, empty for the host's own; only root may open it.</summary>
    internal NetNamespace OpenNamespace(string name)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can open the namespaces of a lab");
        return NetNamespace.Open(name.Length == 0 ? $"/proc/{_hosts["host1"]}/ns/net" : $"/proc/{_hosts["host1"]}/root/run/netns/{name}");
    }

    /// <summary>What <c>tapline diff --json</c> prints; <c>[]</c> when converged.</summary>
    internal async Task<JsonArray> DiffAsync()
    {
        var result = await Tapline.RunAsync("diff", "--json", "--lab", Name);
        return result.ExitCode == 0 ? JsonNode.Parse(result.Text)!.AsArray() : [result.Error];
    }

    /// <summary>As this machine numbers it; null while it is being started again.</summary>
    internal async Task<int?> PidOfAsync(string service)
    {
        var labs = JsonNode.Parse((await Tapline.RunAsync("lab", "list", "--json")).Required().Text)!.AsArray();
        var services = labs.First(lab => (string?)lab!["name"] == Name)!["services"]!.AsArray();
        return (int?)services.First(item => (string?)item!["service"] == service)!["pid"]!;
    }

    [GeneratedRegex("^export ([A-Z0-9_]+)='?([^'\n]*)'?$", RegexOptions.Multiline)]
    private static partial Regex Export();
}
