namespace Tapline.Core.Host;

/// <summary>What makes a link, as far as Tapline needs to know.</summary>
public enum LinkKind
{
    /// <summary>Made and removed by others (a hypervisor's TAP, a NIC); only its settings are ours.</summary>
    Foreign,
    Bridge,
    Veth,
}

/// <summary>A link by namespace and name.</summary>
public sealed record LinkEnd(string In, string Name);

/// <summary>A name with a value.</summary>
public sealed record Setting(string Name, string Value);

/// <summary>A file of a process: name below its directory, and content.</summary>
public sealed record ProcessFile(string Name, string Content);

/// <summary>An OpenFlow flow in ovs-ofctl's words; ports by name, never by number.</summary>
public sealed record Flow(int Table, int Priority, string Match, string Actions)
{
    /// <summary>The upper 16 bits of the cookie of every flow of ours.</summary>
    public const ulong CookiePrefix = 0x7a91;

    /// <summary>What can be read back of the flow: table, priority, cookie, ingress port.</summary>
    public string Mark => MarkOf(Table, Priority, Cookie, InPort);

    private string InPort =>
        Match.Split(',').FirstOrDefault(part => part.StartsWith("in_port=", StringComparison.Ordinal))?["in_port=".Length..] ?? "";

    public static string MarkOf(int table, int priority, ulong cookie, string inPort) => $"{table}.{priority}.{cookie:x}.{inPort}";

    /// <summary>Marks the flow as ours and stands for its match and actions, so that what is seen needs no parsing.</summary>
    public ulong Cookie => (CookiePrefix << 48) | (ContentHash.Of($"{Match}|{Actions}") & 0xffff_ffff_ffff);
}
