using YamlDotNet.RepresentationModel;

namespace Tapline.Clouds;

/// <summary>Where a cloud is and as whom it is asked: what clouds.yaml or the OS_* variables say.</summary>
internal sealed record CloudAccess
{
    public required string AuthUrl { get; init; }

    public required string Username { get; init; }

    public required string Password { get; init; }

    public required string ProjectName { get; init; }

    public string UserDomainName { get; init; } = "Default";

    public string ProjectDomainName { get; init; } = "Default";

    public string RegionName { get; init; } = "RegionOne";

    /// <summary>OS_CLOUD with a clouds.yaml where OpenStack's client looks for one, or the OS_* variables.</summary>
    public static CloudAccess FromEnvironment()
    {
        if (Variable("OS_CLOUD") is { } cloud)
        {
            var files = new[] { Variable("OS_CLIENT_CONFIG_FILE"), "clouds.yaml", $"{Variable("HOME")}/.config/openstack/clouds.yaml", "/etc/openstack/clouds.yaml" };
            return files.FirstOrDefault(File.Exists) is { } file
                ? FromFile(file, cloud)
                : throw new CommandException($"OS_CLOUD is '{cloud}', but no clouds.yaml was found: name it in OS_CLIENT_CONFIG_FILE");
        }

        return new CloudAccess
        {
            AuthUrl = Variable("OS_AUTH_URL") ?? throw new CommandException("which cloud? give --lab NAME, or set OS_CLOUD (and OS_CLIENT_CONFIG_FILE) or OS_AUTH_URL"),
            Username = Variable("OS_USERNAME") ?? "admin",
            Password = Variable("OS_PASSWORD") ?? "",
            ProjectName = Variable("OS_PROJECT_NAME") ?? "admin",
            UserDomainName = Variable("OS_USER_DOMAIN_NAME") ?? "Default",
            ProjectDomainName = Variable("OS_PROJECT_DOMAIN_NAME") ?? "Default",
        };
    }

    public static CloudAccess FromFile(string path, string cloud) => FromText(File.ReadAllText(path), cloud, path);

    public static CloudAccess FromText(string text, string cloud, string path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        var entry = Child(Child(yaml.Documents[0].RootNode, "clouds"), cloud) ?? throw new CommandException($"{path} has no cloud '{cloud}'");
        var auth = Child(entry, "auth") ?? throw new CommandException($"cloud '{cloud}' in {path} has no auth");
        string Need(string name) => (Child(auth, name) as YamlScalarNode)?.Value ?? throw new CommandException($"cloud '{cloud}' in {path} has no auth.{name}");
        return new CloudAccess
        {
            AuthUrl = Need("auth_url"),
            Username = Need("username"),
            Password = Need("password"),
            ProjectName = Need("project_name"),
            UserDomainName = (Child(auth, "user_domain_name") as YamlScalarNode)?.Value ?? "Default",
            ProjectDomainName = (Child(auth, "project_domain_name") as YamlScalarNode)?.Value ?? "Default",
            RegionName = (Child(entry, "region_name") as YamlScalarNode)?.Value ?? "RegionOne",
        };
    }

    private static YamlNode? Child(YamlNode? node, string name) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
