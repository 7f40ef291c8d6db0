namespace Tapline.Agent.Probing;

/// <summary>ICMP's errors in words (RFC 792, 1812).</summary>
internal static class IcmpWords
{
    public static string Of(byte type, byte code) => (type, code) switch
    {
        (3, 0) => "network unreachable",
        (3, 1) => "host unreachable",
        (3, 2) => "protocol unreachable",
        (3, 3) => "port unreachable",
        (3, 4) => "too big, and not to be fragmented",
        (3, 9 or 10 or 13) => "administratively prohibited",
        (5, _) => "there is a nearer router (redirect)",
        (11, _) => "time to live exceeded",
        _ => $"ICMP type {type} code {code}",
    };
}
