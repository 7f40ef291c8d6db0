using System.Globalization;
using Tapline.Clouds;

namespace Tapline.Labs;

/// <summary>Ways into a lab from the machine: its cloud's credentials, and its hosts' namespaces.</summary>
internal static class LabAccess
{
    public static CloudAccess Of(LabEntry lab) =>
        CloudAccess.FromText(File.ReadAllText(CloudsFile(lab)), "tapline", "the lab's clouds.yaml") with { AuthUrl = $"{lab.ApiUrl}/identity/v3" };

    /// <summary>A shell's lines with which OpenStack's client speaks to the lab's cloud.</summary>
    public static string Exports(LabEntry lab)
    {
        var access = Of(lab);
        return $"""
            export OS_AUTH_URL='{access.AuthUrl}'
            export OS_USERNAME='{access.Username}'
            export OS_PASSWORD='{access.Password}'
            export OS_PROJECT_NAME='{access.ProjectName}'
            export OS_USER_DOMAIN_NAME='{access.UserDomainName}'
            export OS_PROJECT_DOMAIN_NAME='{access.ProjectDomainName}'
            export OS_REGION_NAME='{access.RegionName}'
            export OS_IDENTITY_API_VERSION=3
            unset OS_CLOUD OS_CLIENT_CONFIG_FILE
            """;
    }

    /// <summary>The command that runs <paramref name="command"/> on that host.</summary>
    public static async Task<IReadOnlyList<string>> EnterAsync(LabEntry lab, string host, IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var description = await Lab.DescribeAsync(lab, cancellationToken).ConfigureAwait(false);
        var hosts = description["hosts"]!.AsArray();
        var found = hosts.FirstOrDefault(item => (string?)item!["name"] == host)
            ?? throw new CommandException($"no host '{host}' in lab '{lab.Name}'; there are: {string.Join(", ", hosts.Select(item => (string?)item!["name"]))}");
        var pid = ((int)found["pid"]!).ToString(CultureInfo.InvariantCulture);
        string[] user = Identity.IsRoot ? [] : ["--user", "--preserve-credentials"];
        var path = $"{Self.Directory}:/usr/sbin:/usr/bin:/sbin:/bin";
        return
        [
            "nsenter", "-t", pid, .. user, "--mount", "--net", "--pid", "--root", "--wd=/", "--",
            "env", "DOTNET_EnableDiagnostics=0", $"PATH={path}", $"TAPLINE_INSIDE={lab.Name}", $"OS_CLIENT_CONFIG_FILE={LabPaths.Of(lab.Name).ServerData}/clouds.yaml", "OS_CLOUD=tapline",
            .. command,
        ];
    }

    private static string CloudsFile(LabEntry lab)
    {
        var init = ProcessTable.ChildrenOf(lab.Pid).FirstOrDefault();
        return $"/proc/{init.ToString(CultureInfo.InvariantCulture)}/root{LabPaths.Of(lab.Name).ServerData}/clouds.yaml";
    }
}
