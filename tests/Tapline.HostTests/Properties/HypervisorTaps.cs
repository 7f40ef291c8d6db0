using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Tests.Clouds;

namespace Tapline.HostTests.Properties;

/// <summary>The TAPs of virtual machines, which others make and take away as they like; a veth where no TAP can be made.</summary>
internal static class HypervisorTaps
{
    public const int Ports = 8;

    /// <summary>From now on there are those of the set bits: new ones, for what was there goes first.</summary>
    public static Task SetAsync(KernelHost host, int bits) => host.ShellAsync(string.Join('\n', All.Select((name, index) =>
        $"ip link del {name} 2> /dev/null || true" + ((bits >> index & 1) == 0 ? ""
            : $"\nip tuntap add dev {name} mode tap 2> /dev/null || ip link add {name} type veth peer name vm-{name[3..]}"))));

    public static IEnumerable<string> Of(int bits) => All.Where((_, index) => (bits >> index & 1) != 0);

    private static IEnumerable<string> All => Enumerable.Range(1, Ports).Select(number => Names.Tap(Sample.Id<Port>(number)));
}
