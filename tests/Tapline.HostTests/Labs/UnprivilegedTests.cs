using System.Text.Json.Nodes;

namespace Tapline.HostTests.Labs;

/// <summary>The demo as a user without any right: run as root, for only root can become somebody else.</summary>
[Collection(LabCollection.Name)]
public sealed class UnprivilegedTests
{
    private const string Nobody = "65534";
    private static readonly string[] Devices = ["tap", "qbr", "qvb", "qvo", "br-int", "qr-", "qg-", "int-br-eth1", "phy-br-eth1", "br-eth1", "eth1"];

    [Fact]
    public async Task The_demo_holds_for_an_unprivileged_user_and_its_walks_name_every_device()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run it as another user; an ordinary user's tests run the lab as such anyway");
        var directory = Directory.CreateTempSubdirectory("tapline-nobody-").FullName;
        try
        {
            (await Shell.RunAsync(["cp", "-r", Path.GetDirectoryName(Path.GetFullPath(Tapline.Executable))!, $"{directory}/program"])).Required();
            (await Shell.RunAsync(["chmod", "-R", "a+rX", directory])).Required();
            Directory.CreateDirectory($"{directory}/home");
            (await Shell.RunAsync(["chown", $"{Nobody}:{Nobody}", $"{directory}/home"])).Required();

            var demo = await Shell.RunAsync(AsNobody(directory, "demo", "--json", "--name", $"nobody-{Environment.ProcessId}"));

            var result = JsonNode.Parse(demo.Required().Text)!;
            Assert.True((bool)result["ok"]!, demo.Text);
            foreach (var way in (string[])["out", "in"])
            {
                foreach (var part in (string[])["request", "reply"])
                {
                    var names = result["walk"]![way]![part]!.AsArray().Select(hop => (string)hop!["device"]!).ToList();
                    Assert.All(Devices, device => Assert.Contains(names, name => IsOf(device, name)));
                }
            }

            Assert.Equal("[]", (await Shell.RunAsync(AsNobody(directory, "lab", "list", "--json"))).Required().Text.Trim());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The name itself, or a prefix with the first 11 characters of an id.</summary>
    private static bool IsOf(string device, string name) =>
        name == device || (name.StartsWith(device, StringComparison.Ordinal) && name.Length == device.Length + 11);

    private static string[] AsNobody(string directory, params IEnumerable<string> arguments) =>
    [
        "setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "env", "-C", "/", $"HOME={directory}/home",
        $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}", $"{directory}/program/tapline", .. arguments,
    ];
}
