using System.Globalization;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>Which links of the calling thread's namespace packet sockets are bound to (packet(7), /proc/net/packet).</summary>
internal static class PacketSockets
{
    private const int InterfaceColumn = 4;

    /// <summary>Indexes; one that is bound to no link has 0, one whose link is gone -1. Null where the kernel does not tell.</summary>
    public static IReadOnlySet<int>? Read() => KernelFile.Read("/proc/thread-self/net/packet") is { } text ? Indexes(text) : null;

    /// <summary>sk RefCnt Type Proto Iface R Rmem User Inode, under a line of these names.</summary>
    internal static IReadOnlySet<int> Indexes(string text) =>
        (from line in text.Split('\n').Skip(1)
         let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
         where columns.Length > InterfaceColumn
         select int.Parse(columns[InterfaceColumn], CultureInfo.InvariantCulture)).ToHashSet();
}
