namespace Tapline.Labs.Faults;

/// <summary>A ping of the instance to the outside that goes on while something is broken: its connection is older than the fault.</summary>
internal static class RunningPing
{
    public const string Start = $"ip netns exec {{guest}} ping -q -i 0.2 -w 900 {{far}} > /dev/null 2>&1 < /dev/null & echo $! > {Pid}; sleep 1;";

    public const string End = $"kill $(cat {Pid}) 2> /dev/null; rm -f {Pid};";

    private const string Pid = "/run/ping-on-purpose.pid";
}
