using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;

namespace Tapline.Agent;

/// <summary>The way into a light instance on its host.</summary>
public static class InstanceEntry
{
    /// <summary>What to put before a command: it enters the namespaces of the instance's DHCP client, whose resolv.conf is the instance's.</summary>
    public static IReadOnlyList<string> Command(HostPaths paths, string instanceId)
    {
        var ns = Names.InstanceNamespace(Id<Instance>.Parse(instanceId));
        var pidFile = Path.Combine(paths.Processes, ns, "dhcp-eth0", "pid");
        const string script = "pid=$(cat \"$1\" 2>/dev/null); net=$2; shift 2; "
            + "if [ -d \"/proc/${pid:-0}/ns\" ]; then exec nsenter -t \"$pid\" --net --mount --root --wd=/ -- \"$@\"; else exec nsenter --net=\"$net\" -- \"$@\"; fi";
        return ["sh", "-c", script, "sh", pidFile, HostPaths.NamespacePath(ns)];
    }
}
