using System.CommandLine;
using System.Text.Json.Nodes;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary><c>tapline lab …</c>: whole clouds in namespaces of their own.</summary>
internal static class LabCommands
{
    public static Command Make() => new("lab", "whole clouds in namespaces of their own; needs no root, changes nothing on this machine")
    {
        Up(), Down(), List(), Exec(), Env(),
        Service("kill", "kill a service (it is started again at once)"),
        Service("stop", "stop a service, and leave it stopped"),
        Service("start", "start a stopped service"),
        FaultCommands.Break(Name()), FaultCommands.Mend(Name()),
    };

    /// <summary>Not for people: the lab's first process, started inside its namespaces.</summary>
    public static Command Init()
    {
        var directory = new Argument<string>("directory");
        var port = new Argument<int>("port");
        var command = new Command("lab-init", "the lab's supervisor, inside its namespaces") { directory, port };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            new LabInit(parsed.GetRequiredValue(directory), parsed.GetRequiredValue(port)).RunAsync(cancellationToken));
        return command;
    }

    private static Option<string> Name() => new("--name", "--lab") { Description = "the lab's name", DefaultValueFactory = _ => Lab.DefaultName };

    private static Command Up()
    {
        var (name, json) = (Name(), Options.Json());
        var command = new Command("up", "start a lab: a host, a server, an outside") { name, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = await Lab.UpAsync(LabNames.Checked(parsed.GetRequiredValue(name)), cancellationToken).ConfigureAwait(false);
            var description = await Lab.DescribeAsync(lab, cancellationToken).ConfigureAwait(false);
            Console.WriteLine(parsed.GetValue(json)
                ? description.ToJsonString(Output.Indented)
                : $"""
                    lab '{lab.Name}' is up: {lab.ApiUrl}
                      eval "$(tapline lab env --lab {lab.Name})"     then the openstack client speaks to it
                      tapline lab exec --lab {lab.Name} host1 -- ip link
                      tapline lab down --lab {lab.Name}
                    """);
            return 0;
        });
        return command;
    }

    private static Command Down()
    {
        var name = Name();
        var command = new Command("down", "end a lab and everything in it") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await Lab.DownAsync(Lab.Require(parsed.GetRequiredValue(name)), cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var json = Options.Json();
        var command = new Command("list", "the labs that run") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var labs = new JsonArray();
            foreach (var lab in LabRegistry.Labs())
            {
                try
                {
                    labs.Add((JsonNode)await Lab.DescribeAsync(lab, cancellationToken).ConfigureAwait(false));
                }
                catch (CommandException) when (LabRegistry.Find(lab.Name) is null)
                {
                    // It ended while it was asked.
                }
            }

            Console.WriteLine(parsed.GetValue(json) ? labs.ToJsonString(Output.Indented) : Table(labs));
            return 0;
        });
        return command;
    }

    private static string Table(JsonArray labs) =>
        labs.Count == 0
            ? "no lab runs; 'tapline lab up' makes one"
            : Output.Table(
                ["LAB", "API", "HOST", "SERVICE", "STATE", "PID"],
                labs.SelectMany(lab => lab!["services"]!.AsArray().Select(service => new[]
                {
                    (string)lab["name"]!, (string)lab["api_url"]!, (string)service!["host"]!,
                    (string)service["service"]!, (string)service["state"]!, service["pid"]?.ToString() ?? "-",
                })));

    private static Command Exec()
    {
        var name = Name();
        var host = new Argument<string>("host") { Description = "host1 or outside" };
        var rest = new Argument<string[]>("command") { Description = "behind --", Arity = ArgumentArity.OneOrMore };
        var command = new Command("exec", "run a command in a host's namespaces") { name, host, rest };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = Lab.Require(parsed.GetRequiredValue(name));
            var enter = await LabAccess.EnterAsync(lab, parsed.GetRequiredValue(host), parsed.GetRequiredValue(rest), cancellationToken)
                .ConfigureAwait(false);
            return await Shell.RunAttachedAsync(enter, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Env()
    {
        var name = Name();
        var command = new Command("env", "export lines for the openstack client") { name };
        command.SetAction(parsed =>
        {
            Console.WriteLine(LabAccess.Exports(Lab.Require(parsed.GetRequiredValue(name))));
        });
        return command;
    }

    private static Command Service(string verb, string description)
    {
        var name = Name();
        var host = new Argument<string>("host") { Description = "host1" };
        var service = new Argument<string>("service") { Description = "agent, server, ovs-vswitchd or ovsdb-server" };
        var command = new Command(verb, description) { name, host, service };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = Lab.Require(parsed.GetRequiredValue(name));
            await LabControl.AskAsync(LabPaths.Of(lab.Name).Control, new JsonObject
            {
                ["do"] = verb,
                ["host"] = parsed.GetRequiredValue(host),
                ["service"] = parsed.GetRequiredValue(service),
            }, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
