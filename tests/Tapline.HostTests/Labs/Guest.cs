namespace Tapline.HostTests.Labs;

/// <summary>A light instance with one port.</summary>
internal sealed record Guest(string Id, string PortId, string Mac, string Address, string Host)
{
    public string Namespace => $"instance-{Id}";

    public string Tap => $"tap{PortId[..11]}";

    public string Qbr => $"qbr{PortId[..11]}";

    public string Qvb => $"qvb{PortId[..11]}";

    public string Qvo => $"qvo{PortId[..11]}";
}
