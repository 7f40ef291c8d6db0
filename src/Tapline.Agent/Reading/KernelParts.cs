using System.IO.Compression;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>Whether this kernel has the parts that carry instances; looking loads none of them.</summary>
internal static class KernelParts
{
    /// <summary>Module and option.</summary>
    private static readonly (string Part, string Option)[] Parts =
    [
        ("tun", "CONFIG_TUN"), ("veth", "CONFIG_VETH"), ("bridge", "CONFIG_BRIDGE"), ("br_netfilter", "CONFIG_BRIDGE_NETFILTER"),
        ("nf_tables", "CONFIG_NF_TABLES"), ("nf_conntrack", "CONFIG_NF_CONNTRACK"), ("nft_ct", "CONFIG_NFT_CT"), ("nft_nat", "CONFIG_NFT_NAT"),
        ("openvswitch", "CONFIG_OPENVSWITCH"), ("vxlan", "CONFIG_VXLAN"),
    ];

    /// <summary>By part: <c>built in</c>, <c>loaded</c>, <c>loadable</c> or <c>absent</c>; nothing of a part of which nothing can be told.</summary>
    public static IReadOnlyDictionary<string, string> Read() => Of(
        Configuration($"/boot/config-{Release}"), Lines("/proc/modules"), Lines($"/lib/modules/{Release}/modules.builtin"), Lines($"/lib/modules/{Release}/modules.dep"));

    /// <param name="configuration">Lines <c>CONFIG_TUN=m</c>; null where no file tells.</param>
    /// <param name="loaded">Lines of /proc/modules; null where the kernel can load none.</param>
    /// <param name="builtIn">Lines <c>kernel/drivers/net/tun.ko</c>; null where the file is missing.</param>
    /// <param name="loadable">Lines <c>kernel/drivers/net/tun.ko.xz: …</c>; null where the file is missing.</param>
    internal static IReadOnlyDictionary<string, string> Of(
        IReadOnlyList<string>? configuration, IReadOnlyList<string>? loaded, IReadOnlyList<string>? builtIn, IReadOnlyList<string>? loadable)
    {
        var options = (configuration ?? []).Where(line => line.StartsWith("CONFIG_", StringComparison.Ordinal) && line.Contains('=', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var now = (loaded ?? []).Select(line => line.Split(' ', 2)[0]).ToHashSet(StringComparer.Ordinal);
        var (inside, onDisk) = (Names(builtIn), Names(loadable));
        string? State(string part, string option) =>
            now.Contains(part) ? "loaded"
            : options.Contains($"{option}=y") || inside.Contains(part) ? "built in"
            : onDisk.Contains(part) ? "loadable"
            : loadable is not null && builtIn is not null ? "absent"
            : options.Contains($"{option}=m") ? (loaded is null ? "absent" : null)
            : configuration is not null ? "absent"
            : null;
        return Parts.Select(item => (item.Part, State: State(item.Part, item.Option))).Where(item => item.State is not null).ToDictionary(item => item.Part, item => item.State!);
    }

    private static string Release => KernelFile.Read("/proc/sys/kernel/osrelease")?.Trim() ?? "";

    private static HashSet<string> Names(IReadOnlyList<string>? lines) =>
        (lines ?? []).Select(line => Path.GetFileName(line.Split(':', 2)[0]).Split('.', 2)[0].Replace('-', '_')).ToHashSet(StringComparer.Ordinal);

    private static string[]? Lines(string path) => KernelFile.Read(path)?.Split('\n');

    private static string[]? Configuration(string fallback)
    {
        try
        {
            using var text = new StreamReader(new GZipStream(File.OpenRead("/proc/config.gz"), CompressionMode.Decompress));
            return text.ReadToEnd().Split('\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Lines(fallback);
        }
    }
}
