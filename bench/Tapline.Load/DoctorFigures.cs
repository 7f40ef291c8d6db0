using System.Text.Json.Nodes;

namespace Tapline.Load;

/// <summary>What the doctor and <c>observe</c> take on a host with 200 ports: time until they have ended, and the most memory they had.</summary>
internal static class DoctorFigures
{
    private const int Works = 0;
    private const int Broken = 1;
    private const string Outside = "10.1.0.1";
    private const string Nobody = "10.1.0.77"; // of the outside's network: asked for in vain, so that all is suspected

    public static void Measure(Context context)
    {
        using var lab = new LabCloud(context);
        var (network, subnet) = lab.Network("10.30.0.0/20");
        lab.Router(subnet);
        var group = lab.Api.CreateId("security-groups", "security_group", new JsonObject { ["name"] = "load" });
        lab.BindPorts(network, group, HostFigures.Many - 1);
        lab.Api.CreateId("instances", "instance", new JsonObject
        {
            ["name"] = "web",
            ["ports"] = new JsonArray(new JsonObject { ["network_id"] = network }),
        });
        lab.Settle();
        var commands = new (string Name, string Time, string[] Command, int ExitCode)[]
        {
            ("doctor, read", "500 ms", lab.OnHost("doctor", "ping", "web", Outside), Works),
            ("doctor, read, nobody there", "500 ms", lab.OnHost("doctor", "ping", "web", Nobody), Broken),
            ("doctor, live", "3,000 ms", lab.OnHost("doctor", "ping", "web", Outside, "--live"), Works),
            ("observe", "1,000 ms", lab.OnHost("observe", "--json"), Works),
        };
        foreach (var (name, time, command, expected) in commands)
        {
            var took = new Figure($"{name}, 200 ports on the host", "ms", time);
            var peak = new Figure("the same, most memory resident", "MB", "150 MB");
            foreach (var _ in context.Runs)
            {
                var (exitCode, milliseconds) = Machine.Time(command);
                if (exitCode != expected)
                {
                    throw new LoadException($"{string.Join(' ', command)} ended with {exitCode}, not with {expected}, as its verdict would");
                }

                took.Add(milliseconds, context.Scratch);
                peak.Add(Machine.PeakOfChild(command), context.Scratch);
            }

            context.Print(took, peak);
        }
    }
}
