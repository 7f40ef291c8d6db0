namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Where the built-in chains of the iptables family hang: the priorities of linux/netfilter_{ipv4,ipv6,bridge}.h.</summary>
internal static class IptablesHooks
{
    /// <summary>Null for a chain that only rules jump to.</summary>
    public static ChainHook? Of(string family, string table, string chain, bool drops)
    {
        if (PointOf(chain) is not { } point)
        {
            return null;
        }

        var priority = (family, table, point) switch
        {
            ("bridge", "broute", _) => int.MinValue,
            ("bridge", "nat", HookPoint.Prerouting) => -300,
            ("bridge", "nat", HookPoint.Output) => 100,
            ("bridge", "nat", _) => 300,
            ("bridge", _, HookPoint.Output) => 200,
            ("bridge", _, _) => -200,
            ("arp", _, _) => 0,
            (_, "raw", _) => -300,
            (_, "mangle", _) => -150,
            (_, "nat", HookPoint.Prerouting or HookPoint.Output) => -100,
            (_, "nat", _) => 100,
            (_, "security", _) => 50,
            _ => 0,
        };
        var type = (family, table, point) switch
        {
            ("ip" or "ip6", "nat", _) => "nat",
            ("ip" or "ip6", "mangle", HookPoint.Output) => "route",
            _ => "filter",
        };
        return new ChainHook(type, point, priority, drops);
    }

    private static HookPoint? PointOf(string chain) => chain switch
    {
        "PREROUTING" or "BROUTING" => HookPoint.Prerouting,
        "INPUT" => HookPoint.Input,
        "FORWARD" => HookPoint.Forward,
        "OUTPUT" => HookPoint.Output,
        "POSTROUTING" => HookPoint.Postrouting,
        _ => null,
    };
}
