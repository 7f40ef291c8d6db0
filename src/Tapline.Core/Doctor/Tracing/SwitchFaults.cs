using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What is wrong in Open vSwitch.</summary>
internal static class SwitchFaults
{
    private const int DeadVlan = 4095;

    public static Fault DaemonDead(World world)
    {
        var daemon = world.Seen.Processes.FirstOrDefault(process => process.Name == "ovs-vswitchd");
        var isStopped = daemon is { State: "T" or "t" };
        return new Fault
        {
            Code = "ovs.daemon-dead",
            Device = "br-int",
            Summary = daemon is null ? "ovs-vswitchd does not run: with the userspace datapath nothing is switched"
                : isStopped ? $"ovs-vswitchd (process {LinkStep.Number(daemon.Pid)}) is stopped: with the userspace datapath nothing is switched"
                : $"ovs-vswitchd (process {LinkStep.Number(daemon.Pid)}) does not answer",
            Evidence = [daemon is null ? "no process ovs-vswitchd" : $"process {LinkStep.Number(daemon.Pid)}: state {daemon.State}; its control socket does not answer"],
            Fix = daemon is null ? new Fix(FixPlace.Host, ["systemctl start openvswitch-switch || /usr/share/openvswitch/scripts/ovs-ctl --no-ovsdb-server start"], "starts it again; flows are then pushed anew by the agent")
                : isStopped ? new Fix(FixPlace.Host, [$"kill -CONT {LinkStep.Number(daemon.Pid)}"], "lets it run on")
                : null,
        };
    }

    public static Fault InternalPortGone(string port) => new()
    {
        Code = "ovs.port-error",
        Device = port,
        Summary = $"the internal port {port} of Open vSwitch has no device in any namespace",
        Evidence = [$"no link named {port}"],
    };

    /// <summary>The switch lets it out nowhere.</summary>
    public static Fault Dropped(World world, Position.AtSwitch at, SwitchResult answer)
    {
        var port = world.Port(at.Device)!.Value;
        if (port.Port.Tag == DeadVlan)
        {
            return Dead(world, port.Port);
        }

        return At(world, at, [.. answer.Steps]);
    }

    /// <summary>A copy ends with the last of these decisions.</summary>
    public static Fault At(World world, Position.AtSwitch at, IReadOnlyList<Switching.SwitchStep> steps)
    {
        var port = world.Port(at.Device)!.Value;
        var last = steps.Count == 0 ? null : steps[^1];
        if (last is { Table: null } && last.Does.Contains("does not exist", StringComparison.Ordinal) && steps.LastOrDefault(step => step.Table is not null) is { } flow)
        {
            last = flow with { Does = last.Does };
        }

        if (last is not null && last.Does.Contains("leads nowhere", StringComparison.Ordinal) && Patches.Broken(world) is { } patch)
        {
            return patch;
        }

        var bridge = last is null ? port.Bridge : world.Seen.Switch!.Bridges.FirstOrDefault(item => item.Name == last.Bridge) ?? port.Bridge;
        if (bridge.Flows.IsEmpty)
        {
            return FlowFaults.None(world, bridge, at);
        }

        if (last is { Table: not null })
        {
            return FlowFaults.Of(world, bridge, at, last);
        }

        return (last is null ? null : Untranslated.For(world, at, last)) ?? Nowhere(at, bridge, last);
    }

    private static Fault Nowhere(Position.AtSwitch at, ObservedBridgeOfSwitch bridge, Switching.SwitchStep? last) => new()
    {
        Code = "ovs.dropped",
        Device = bridge.Name,
        Summary = $"{bridge.Name} drops {Packets.Words(at.Packet)}: {last?.Does ?? "it has no port to send it to"}",
        Evidence = last is null ? [] : [$"{last.Bridge}: {last.Flow} {last.Does}"],
    };

    public static Fault Dead(World world, ObservedPort port) => new()
    {
        Code = "ovs.dead-vlan",
        Device = port.Name,
        Summary = $"{port.Name} is on VLAN 4095, where ports are put that nobody knows: the agent has not wired it, or has taken it off",
        Evidence = [$"Port {port.Name}: tag {LinkStep.Number(DeadVlan)}"],
        Fix = Tags.Of(world, port) is { } tag
            ? new Fix(FixPlace.Host, [$"ovs-vsctl set Port {port.Name} tag={LinkStep.Number(tag)}"], $"{LinkStep.Number(tag)} is its network's local VLAN here")
            : null,
    };
}
