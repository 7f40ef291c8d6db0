using System.CommandLine;
using System.Text.Json.Nodes;
using Tapline.Agent;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary><c>tapline instance …</c>: light instances.</summary>
internal static class InstanceCommands
{
    public static Command Make() => new("instance", "light instances: a namespace with a VIF, an address from DHCP, and your commands")
    {
        Create(), List(), Show(), Exec(), Delete(),
    };

    private static Argument<string> Name() => new("name") { Description = "name or id" };

    private static Command Create()
    {
        var (name, json, lab) = (Name(), Options.Json(), Options.LabName());
        var network = new Option<string[]>("--network") { Description = "a network to have a port on; may be given several times" };
        var port = new Option<string[]>("--port") { Description = "a port that exists already; may be given several times" };
        var group = new Option<string[]>("--security-group") { Description = "for the ports made here; may be given several times" };
        var ip = new Option<string?>("--fixed-ip") { Description = "the address on the first network" };
        var host = new Option<string?>("--host") { Description = "where it runs" };
        var command = new Command("create", "start an instance") { name, network, port, group, ip, host, json, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = Options.Cloud(parsed.GetValue(lab));
            var groups = await IdsAsync(cloud, "security-groups", parsed.GetValue(group), cancellationToken).ConfigureAwait(false);
            var networks = await IdsAsync(cloud, "networks", parsed.GetValue(network), cancellationToken).ConfigureAwait(false);
            var body = new JsonObject
            {
                ["name"] = parsed.GetRequiredValue(name),
                ["port_ids"] = new JsonArray(await IdsAsync(cloud, "ports", parsed.GetValue(port), cancellationToken).ConfigureAwait(false)),
                ["ports"] = new JsonArray([.. networks.Select((id, index) => (JsonNode)NewPort(id, groups, index == 0 ? parsed.GetValue(ip) : null))]),
            };
            if (parsed.GetValue(host) is { } where)
            {
                body["host_id"] = where;
            }

            var instance = await cloud.CreateAsync("instances", "instance", body, cancellationToken).ConfigureAwait(false);
            Print(instance, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var (json, lab) = (Options.Json(), Options.LabName());
        var command = new Command("list", "all instances of the project") { json, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = Options.Cloud(parsed.GetValue(lab));
            var instances = await cloud.ListAsync("instances", "", cancellationToken).ConfigureAwait(false);
            Console.WriteLine(parsed.GetValue(json)
                ? new JsonArray([.. instances.Select(item => item.DeepClone())]).ToJsonString(Output.Indented)
                : Output.Table(["NAME", "STATUS", "HOST", "ID"], instances.Select(item => new[]
                {
                    (string)item["name"]!, (string?)item["status"] ?? "-", (string?)item["host_id"] ?? "-", (string)item["id"]!,
                })));
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var (name, json, lab) = (Name(), Options.Json(), Options.LabName());
        var command = new Command("show", "one instance") { name, json, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = Options.Cloud(parsed.GetValue(lab));
            Print(await cloud.FindAsync("instances", parsed.GetRequiredValue(name), cancellationToken).ConfigureAwait(false), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Command Delete()
    {
        var (name, lab) = (Name(), Options.LabName());
        var command = new Command("delete", "end an instance; ports that were made for it go with it") { name, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = Options.Cloud(parsed.GetValue(lab));
            var instance = await cloud.FindAsync("instances", parsed.GetRequiredValue(name), cancellationToken).ConfigureAwait(false);
            await cloud.DeleteAsync("instances", (string)instance["id"]!, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command Exec()
    {
        var (name, lab) = (Name(), Options.LabName());
        var rest = new Argument<string[]>("command") { Description = "behind --", Arity = ArgumentArity.OneOrMore };
        var command = new Command("exec", "run a command in an instance") { name, rest, lab };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = Options.Cloud(parsed.GetValue(lab));
            var instance = await cloud.FindAsync("instances", parsed.GetRequiredValue(name), cancellationToken).ConfigureAwait(false);
            var enter = InstanceEntry.Command(new HostPaths(HostCommands.DefaultState, HostCommands.OvsRunDirectory), (string)instance["id"]!);
            string[] run = [.. enter, .. parsed.GetRequiredValue(rest)];
            if (parsed.GetValue(lab) is { } labName)
            {
                run = [.. await LabAccess.EnterAsync(Lab.Require(labName), (string)instance["host_id"]!, run, cancellationToken).ConfigureAwait(false)];
            }

            return await Shell.RunAttachedAsync(run, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<JsonNode?[]> IdsAsync(Clouds.CloudClient cloud, string collection, string[]? names, CancellationToken cancellationToken)
    {
        var ids = new List<JsonNode?>();
        foreach (var name in names ?? [])
        {
            ids.Add((string)(await cloud.FindAsync(collection, name, cancellationToken).ConfigureAwait(false))["id"]!);
        }

        return [.. ids];
    }

    /// <summary>A port that is made for the instance, and goes with it.</summary>
    private static JsonObject NewPort(JsonNode? network, JsonNode?[] groups, string? address)
    {
        var port = new JsonObject { ["network_id"] = network!.DeepClone() };
        if (groups.Length > 0)
        {
            port["security_groups"] = new JsonArray([.. groups.Select(item => item!.DeepClone())]);
        }

        if (address is not null)
        {
            port["fixed_ips"] = new JsonArray(new JsonObject { ["ip_address"] = address });
        }

        return port;
    }

    private static void Print(JsonObject instance, bool json) =>
        Console.WriteLine(json
            ? instance.ToJsonString(Output.Indented)
            : Output.Table(["FIELD", "VALUE"], instance.Select(pair => new[] { pair.Key, pair.Value is JsonArray list ? string.Join(", ", list) : pair.Value?.ToString() ?? "" })));
}
