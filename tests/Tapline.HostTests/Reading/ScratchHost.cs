using System.Text.Json.Nodes;
using Tapline.Core.Host.Observed;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Reading;

/// <summary>
/// A host of a test's own for as long as a shell script runs: new network, mount and pid namespaces, /run empty but for /run/netns. In the
/// script <c>observe FILE</c> takes an observation, and <c>$out</c> is a directory whose files can be looked at afterwards.
/// </summary>
internal sealed class ScratchHost : IDisposable
{
    private const string Prologue = """
        set -eu
        mount -t tmpfs tmpfs /run
        mkdir /run/netns
        mount -t sysfs sysfs /sys
        ip link set lo up
        observe() { "$tapline" observe --output "$out/$1"; }

        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("scratch-host-").FullName;

    public static async Task<ScratchHost> RunAsync(string script)
    {
        var host = new ScratchHost();
        try
        {
            string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
            var result = await Shell.RunAsync(
                ["unshare", .. user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-s"], Prologue + script,
                new Dictionary<string, string>
                {
                    ["tapline"] = Path.GetFullPath(Labs.Tapline.Executable),
                    ["out"] = host._directory,
                    ["DOTNET_EnableDiagnostics"] = "0",
                    ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin",
                });
            result.Required();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Whether that program is there; what a machine lacks is no test's business.</summary>
    public static bool Has(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    public Observation Observation(string file) => ObservationJson.Read(File.ReadAllBytes(Path.Combine(_directory, file)));

    public string Text(string file) => File.ReadAllText(Path.Combine(_directory, file));

    public JsonArray Json(string file) => JsonNode.Parse(Text(file))!.AsArray();

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
