using System.Text.Json.Nodes;

namespace Tapline.Labs.Faults;

/// <summary>Security group rules as commands of OpenStack's client.</summary>
internal static class RuleCommands
{
    /// <summary>Makes a rule just like that one, which the Networking API has told.</summary>
    public static string Create(JsonObject rule) => string.Join(' ', ((string?[])
    [
        $"openstack security group rule create --{rule["direction"]} --ethertype {rule["ethertype"]}",
        rule["protocol"] is { } protocol ? $"--protocol {protocol}" : null,
        .. Range(rule),
        rule["remote_ip_prefix"] is { } prefix ? $"--remote-ip {prefix}" : null,
        rule["remote_group_id"] is { } group ? $"--remote-group {group}" : null,
        (string)rule["security_group_id"]!,
    ]).Where(word => word is not null));

    private static IEnumerable<string> Range(JsonObject rule)
    {
        var (first, last) = (rule["port_range_min"], rule["port_range_max"]);
        if ((string?)rule["protocol"] is "icmp" or "1")
        {
            return [.. first is null ? [] : (string[])[$"--icmp-type {first}"], .. last is null ? [] : (string[])[$"--icmp-code {last}"]];
        }

        return first is null ? [] : [$"--dst-port {first}:{last}"];
    }
}
