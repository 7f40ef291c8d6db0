using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>A group of an OpenFlow bridge.</summary>
internal sealed record FlowGroup(uint Id, string Type, ValueList<GroupBucket> Buckets);

/// <summary>One of a group's ways.</summary>
internal sealed record GroupBucket(string? WatchPort, string? WatchGroup, ValueList<FlowAction> Actions);

/// <summary>Reads groups as <c>ovs-ofctl dump-groups</c> prints them.</summary>
internal static class GroupReader
{
    /// <exception cref="FormatException">The line is no group.</exception>
    internal static FlowGroup Read(string line)
    {
        var parts = line.Trim().Split(",bucket=");
        var head = FlowText.Split(parts[0], ", ");
        var id = head.Select(part => part.After("group_id=")).FirstOrDefault(part => part is not null);
        if (id is null || !FlowText.TryNumber(id, out var number))
        {
            throw new FormatException($"'{line}' is no group");
        }

        var type = head.Select(part => part.After("type=")).FirstOrDefault(part => part is not null) ?? "";
        return new FlowGroup((uint)number, type, parts.Skip(1).Select(Bucket).ToValueList());
    }

    private static GroupBucket Bucket(string text)
    {
        var cut = text.IndexOf("actions=", StringComparison.Ordinal);
        var head = FlowText.Split(cut < 0 ? "" : text[..cut], ",");
        string? Named(string prefix) => head.Select(part => part.After(prefix)).FirstOrDefault(part => part is not null);
        return new GroupBucket(
            Named("watch_port:") is { } port ? FlowText.Unquote(port) : null,
            Named("watch_group:"),
            ActionReader.Read(cut < 0 ? text : text[(cut + "actions=".Length)..]));
    }
}
