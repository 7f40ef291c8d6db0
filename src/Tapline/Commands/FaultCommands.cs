using System.CommandLine;
using System.Text.Json.Nodes;
using Tapline.Labs;
using Tapline.Labs.Faults;

namespace Tapline.Commands;

/// <summary><c>tapline lab break|mend</c>: faults on purpose, for learning and for tests.</summary>
internal static class FaultCommands
{
    private const int Usage = 64;

    public static Command Break(Option<string> name)
    {
        var what = new Argument<string?>("NAME") { Description = "which fault, see --list", Arity = ArgumentArity.ZeroOrOne };
        var list = new Option<bool>("--list") { Description = "show what can be broken" };
        var random = new Option<bool>("--random") { Description = "one of them, without saying which: 'mend' tells" };
        var instance = new Option<string?>("--instance") { Description = "whose way is broken; needed where there are several" };
        var json = Options.Json();
        var command = new Command("break", "break something on purpose, until 'lab mend'; once more breaks one more thing") { what, list, random, name, instance, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var asked = parsed.GetValue(what);
            if (parsed.GetValue(list))
            {
                Console.WriteLine(parsed.GetValue(json) ? ListJson().ToJsonString(Output.Indented) : ListText());
                return 0;
            }

            if (asked is null != parsed.GetValue(random))
            {
                throw new CommandException("a fault's NAME, --random or --list: one of them", Usage);
            }

            var lab = Lab.Require(parsed.GetRequiredValue(name));
            using var cloud = Options.Cloud(lab.Name);
            var site = await FaultSite.FindAsync(cloud, parsed.GetValue(instance), cancellationToken).ConfigureAwait(false);
            var fault = asked is not null ? FaultCatalogue.Require(asked) : AnyOf(lab, site);
            var injection = await Breaking.BreakAsync(lab, fault, site, cancellationToken).ConfigureAwait(false);
            Console.WriteLine(parsed.GetValue(json) ? BrokenJson(lab, fault, injection).ToJsonString(Output.Indented) : BrokenText(lab, site, injection, told: asked is not null));
            return 0;
        });
        return command;
    }

    public static Command Mend(Option<string> name)
    {
        var json = Options.Json();
        var command = new Command("mend", "take back what 'lab break' broke, and let the agent go on") { name, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = Lab.Require(parsed.GetRequiredValue(name));
            var mended = await Breaking.MendAsync(lab, cancellationToken).ConfigureAwait(false);
            Console.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["mended"] = new JsonArray([.. mended.Select(item => (JsonNode)item.Id)]) }.ToJsonString(Output.Indented)
                : MendedText(mended));
            return 0;
        });
        return command;
    }

    private static Fault AnyOf(LabEntry lab, FaultSite site)
    {
        var broken = BrokenThings.Read(lab).Select(item => item.Id).ToHashSet();
        var possible = FaultCatalogue.All.Where(fault => site.Has(fault.Needs) && !broken.Contains(fault.Id)).ToList();
        return possible[Random.Shared.Next(possible.Count)];
    }

    private static JsonArray ListJson() => new([.. FaultCatalogue.All.Select(fault => (JsonNode)new JsonObject
    {
        ["id"] = fault.Id,
        ["title"] = fault.Title,
        ["needs"] = fault.Needs,
        ["injects"] = fault.Inject,
        ["codes"] = Codes(fault),
        ["also"] = fault.Also,
    })]);

    /// <summary>A line for each, and below it the command, which would make the table too wide.</summary>
    private static string ListText()
    {
        var rows = Output.Table(["NAME", "WHAT", "NEEDS", "THE DOCTOR IS TO NAME"], FaultCatalogue.All.Select(fault => new[]
        {
            fault.Id, fault.Title, fault.Needs, fault.Codes.Replace(" ", " or ", StringComparison.Ordinal),
        })).Split('\n');
        return string.Join('\n', rows.Take(1).Concat(FaultCatalogue.All.SelectMany((fault, index) => new[] { rows[index + 1].TrimEnd(), $"    {fault.Inject}" })));
    }

    private static JsonObject BrokenJson(LabEntry lab, Fault fault, Injection injection)
    {
        var json = injection.ToJson();
        json["codes"] = Codes(fault);
        json["broken"] = new JsonArray([.. BrokenThings.Read(lab).Select(item => (JsonNode)item.Id)]);
        return json;
    }

    private static JsonArray Codes(Fault fault) => new([.. fault.Codes.Split(' ').Select(code => (JsonNode)code)]);

    private static string BrokenText(LabEntry lab, FaultSite site, Injection injection, bool told) => $"""
        {(injection.IsInCloud ? "the cloud was asked for it, and host1's agent has carried it out" : "host1's agent is paused: it would mend a deviation at once")}
        {(told ? $"broken: {injection.Title} ({injection.Id})\n  by    {injection.Inject}\n  undo  {(injection.Undo.Length > 0 ? injection.Undo : "(the agent does, when it is resumed)")}" : "broken: something")}
          tapline doctor ping {site.Instance ?? "FROM"} {FaultSite.Far} --lab {lab.Name}     finds it{(site.FloatingIp is { } floating ? $"\n  tapline doctor ping {FaultSite.Far} {floating} --lab {lab.Name}     or on the way in" : "")}
          tapline lab mend --lab {lab.Name}     takes it back
        """;

    private static string MendedText(IReadOnlyList<Injection> mended) => string.Join('\n', (string[])
    [
        .. mended.Select(item => $"mended: {item.Title} ({item.Id}), which was\n  by    {item.Inject}"),
        .. mended.Count == 0 ? (string[])["nothing was broken"] : [],
        "host1's agent runs, and 'tapline diff' shows nothing: the host is as it should be",
    ]);
}
