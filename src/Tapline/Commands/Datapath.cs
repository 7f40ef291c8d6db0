namespace Tapline.Commands;

/// <summary>Which Open vSwitch datapath this host can have.</summary>
internal static class Datapath
{
    /// <summary>The kernel's where its module is; else userspace, without TAP devices where /dev/net/tun is closed to us.</summary>
    public static string Detect() =>
        Directory.Exists("/sys/module/openvswitch") ? "system" : CanOpenTun() ? "netdev" : "dummy";

    public static bool CanOpenTun()
    {
        try
        {
            using var tun = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
