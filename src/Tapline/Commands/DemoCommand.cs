using System.CommandLine;
using System.Text.Json.Nodes;
using Tapline.Demo;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary><c>tapline demo</c>: the whole story, ending in the walk of one ping and its reply.</summary>
internal static class DemoCommand
{
    public static Command Make()
    {
        var json = Options.Json();
        var keep = new Option<bool>("--keep") { Description = "leave the lab running, and say how to go on" };
        var name = new Option<string?>("--name") { Description = "the lab's name; demo, or demo-2 … where that runs" };
        var story = new Option<bool>("--story") { Description = "a tale instead: a ping works, dies, and is mended by what the doctor says" };
        var command = new Command("demo", "the whole story in an isolated lab, ending in the walk of one ping and its reply") { json, keep, name, story };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(story))
            {
                return await TellAsync(parsed.GetValue(name), parsed.GetValue(json) || parsed.GetValue(keep), cancellationToken).ConfigureAwait(false);
            }

            var quiet = parsed.GetValue(json);
            var run = new DemoRun(LabNames.Checked(parsed.GetValue(name) ?? Lab.FreeName("demo")), parsed.GetValue(keep),
                line => (quiet ? Console.Error : Console.Out).WriteLine(line));
            var result = await run.RunAsync(cancellationToken).ConfigureAwait(false);
            Print(result, quiet, parsed.GetValue(keep));
            return run.Ok ? 0 : 1;
        });
        return command;
    }

    /// <summary>Not for people: captures on a lab's host while the demo pings.</summary>
    public static Command Walk()
    {
        var outside = new Argument<int>("outside-pid");
        var command = new Command("lab-walk", "captures on a lab's host while the demo pings") { outside };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => WalkRecorder.RunAsync(parsed.GetRequiredValue(outside), cancellationToken));
        return command;
    }

    private static async Task<int> TellAsync(string? name, bool more, CancellationToken cancellationToken)
    {
        var run = new StoryRun(more ? throw new CommandException("--story is told to people and cleans up: neither --json nor --keep", exitCode: 64)
            : LabNames.Checked(name ?? Lab.FreeName("demo")), Console.WriteLine);
        await run.RunAsync(cancellationToken).ConfigureAwait(false);
        Console.WriteLine(run.Ok ? "\nAnd that was all." : "\nNOT all held.");
        return run.Ok ? 0 : 1;
    }

    private static void Print(JsonObject result, bool json, bool keep)
    {
        if (json)
        {
            Console.WriteLine(result.ToJsonString(Output.Indented));
            return;
        }

        Console.WriteLine(DemoText.Walks(result, color: !Console.IsOutputRedirected));
        Console.WriteLine($"{((bool)result["ok"]! ? "All held" : "NOT all held")}, after {(long)result["took_ms"]! / 1000.0:0.0} s.");
        if (keep)
        {
            Console.WriteLine($"""
                The lab '{result["lab"]}' still runs:
                  ./tapline instance exec --lab {result["lab"]} web -- ping -c 3 198.51.100.1
                  eval "$(./tapline lab env --lab {result["lab"]})" && openstack port list
                  ./tapline lab down --lab {result["lab"]}
                """);
        }
    }
}
