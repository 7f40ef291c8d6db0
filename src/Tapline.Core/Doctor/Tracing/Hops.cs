namespace Tapline.Core.Doctor.Tracing;

/// <summary>Hops by what their device is.</summary>
internal static class Hops
{
    public static Hop At(World world, Position at, HopState state = HopState.Pass, string detail = "") => new()
    {
        Namespace = at.Namespace,
        Device = at.Device,
        Kind = KindOf(world, at.Namespace, at.Device),
        Packet = at.Packet,
        State = state,
        Detail = detail,
    };

    public static string KindOf(World world, string ns, string device)
    {
        if (device.StartsWith("qr-", StringComparison.Ordinal) || device.StartsWith("qg-", StringComparison.Ordinal))
        {
            return "router";
        }

        return world.Link(ns, device)?.Kind switch
        {
            _ when device.StartsWith("tap", StringComparison.Ordinal) => "tap",
            "bridge" => "bridge",
            "tun" => world.Port(device) is { Interface.Type: "internal" } ? "ovs-port" : "tap",
            "veth" => world.PortAt(ns, device) is not null && !device.StartsWith("qv", StringComparison.Ordinal) ? "ovs-port" : "veth",
            "" => device.Length == 0 ? "stack" : "nic",
            { } kind => kind,
            null => "missing",
        };
    }
}
