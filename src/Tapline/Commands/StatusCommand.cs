using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tapline.Commands;

/// <summary><c>tapline status</c>: revision wanted and applied, per host, and what failed.</summary>
internal static class StatusCommand
{
    public static Command Make()
    {
        var (json, lab) = (Options.Json(), Options.LabName());
        var wait = new Option<bool>("--wait") { Description = "until every host has applied what is wanted now" };
        var timeout = new Option<int>("--timeout") { Description = "seconds to wait at most", DefaultValueFactory = _ => 30 };
        var command = new Command("status", "revision wanted and applied, per host; what failed") { json, lab, wait, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = Options.Cloud(parsed.GetValue(lab));
            var limit = Stopwatch.StartNew();
            var status = await cloud.StatusAsync(cancellationToken).ConfigureAwait(false);
            while (parsed.GetValue(wait) && !IsApplied(status) && limit.Elapsed < TimeSpan.FromSeconds(parsed.GetValue(timeout)))
            {
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
                status = await cloud.StatusAsync(cancellationToken).ConfigureAwait(false);
            }

            Console.WriteLine(parsed.GetValue(json) ? status.ToJsonString(Output.Indented) : Text(status));
            return parsed.GetValue(wait) && !IsApplied(status) ? 1 : 0;
        });
        return command;
    }

    private static bool IsApplied(JsonObject status) => status["hosts"]!.AsArray().All(host =>
        (bool)host!["alive"]! && (long)host["applied_revision"]! >= (long)host["wanted_revision"]! && host["failures"]!.AsArray().Count == 0);

    private static string Text(JsonObject status)
    {
        var hosts = status["hosts"]!.AsArray();
        var table = Output.Table(["HOST", "ALIVE", "WANTED", "APPLIED", "CHANGES", "FAILURES"], hosts.Select(host => new[]
        {
            (string)host!["name"]!, (bool)host["alive"]! ? "yes" : "no", host["wanted_revision"]!.ToString(), host["applied_revision"]!.ToString(),
            host["changes"]!.ToString(), host["failures"]!.AsArray().Count.ToString(),
        }));
        return string.Join('\n', [table, .. hosts.SelectMany(host => host!["failures"]!.AsArray()
            .Select(failure => $"{host["name"]}: {failure!["item"]}: {failure["error"]}"))]);
    }
}
