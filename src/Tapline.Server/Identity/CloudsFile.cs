using System.Text;

namespace Tapline.Server.Identity;

/// <summary>The <c>clouds.yaml</c> beside the store, with which OpenStack's clients find and enter this cloud.</summary>
internal static class CloudsFile
{
    public static void Write(string path, string authUrl, string password) => Replace(path,
        $"""
        # Written by Tapline. Use: OS_CLIENT_CONFIG_FILE={path} openstack --os-cloud tapline …
        clouds:
          tapline:
            auth:
              auth_url: {authUrl}
              username: {Bootstrap.AdminName}
              password: {password}
              project_name: {Bootstrap.AdminName}
              user_domain_name: {Domain.Name}
              project_domain_name: {Domain.Name}
            region_name: {Catalog.Region}
            identity_api_version: 3

        """);

    /// <summary>Sets the address, where the file is still there and has another: the server may listen elsewhere than last time.</summary>
    public static void Readdress(string path, string authUrl)
    {
        if (!File.Exists(path))
        {
            return;
        }

        const string Name = "auth_url: ";
        var lines = File.ReadAllLines(path);
        var index = Array.FindIndex(lines, line => line.TrimStart().StartsWith(Name, StringComparison.Ordinal));
        if (index >= 0 && !lines[index].EndsWith(Name + authUrl, StringComparison.Ordinal))
        {
            lines[index] = lines[index][..(lines[index].IndexOf(Name, StringComparison.Ordinal) + Name.Length)] + authUrl;
            Replace(path, string.Join('\n', lines) + "\n");
        }
    }

    /// <summary>Whole or not at all, and never readable by others, not even for a moment.</summary>
    private static void Replace(string path, string text)
    {
        var next = path + ".new";
        File.Delete(next);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(next, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
