using System.Globalization;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>The NICs by which instances reach the wire, and what devices leave to a hardware that is not there.</summary>
internal static class NicChecks
{
    public static IEnumerable<HostFinding> Of(Observation seen)
    {
        if (seen.Namespace("") is not { } host)
        {
            return [];
        }

        var world = new World(seen);
        var nics = Uplinks.Of(world).Select(name => world.Link("", name)).OfType<ObservedLink>().ToList();
        return [.. nics.SelectMany(nic => Of(host, nic)), .. Missing(world), .. Checksums(world)];
    }

    private static IEnumerable<HostFinding> Of(ObservedNamespace host, ObservedLink nic)
    {
        var isOn = nic is { Up: true, Carrier: true };
        yield return Finding("host.nic", isOn ? FindingLevel.Ok : FindingLevel.Bad, nic.Name,
            $"{nic.Name} is {(nic.Up ? "up" : "down")}, {(nic.Carrier ? "with" : "without")} a carrier", "instances reach the wire by it",
            isOn ? null : nic.Up ? null : HostFitness.OnHost("switches it on", $"ip link set {nic.Name} up"));
        yield return Finding("host.promiscuous", nic.Promiscuous ? FindingLevel.Ok : FindingLevel.Warning, $"{nic.Name} promiscuous",
            $"{nic.Name} is {(nic.Promiscuous ? "" : "not ")}promiscuous", "frames for instances bear their addresses, not the NIC's; where this host is a virtual machine itself, its hypervisor has to let them through, too",
            nic.Promiscuous ? null : HostFitness.OnHost("has it take in frames for others; Open vSwitch does so itself when it takes the port in", $"ip link set {nic.Name} promisc on"));
        yield return Mtu(host, nic);
        if (nic.LargeReceiveOffload is { } joins)
        {
            yield return Finding("host.large-receive", joins ? FindingLevel.Bad : FindingLevel.Ok, $"{nic.Name} lro", $"large-receive-offload of {nic.Name} is {(joins ? "on" : "off")}",
                "it joins packets into ones that are too large to be passed on, which then are lost: TCP stalls while ping works",
                joins ? HostFitness.OnHost("has the NIC hand over packets as they come", $"ethtool -K {nic.Name} lro off") : null);
        }
    }

    private static HostFinding Mtu(ObservedNamespace host, ObservedLink nic)
    {
        var largest = host.Links.Where(link => link.Name.StartsWith("tap", StringComparison.Ordinal) && link.Master is not null).MaxBy(link => link.Mtu);
        var isSmall = largest is not null && largest.Mtu > nic.Mtu;
        return Finding("host.mtu", isSmall ? FindingLevel.Warning : FindingLevel.Ok, $"{nic.Name} mtu",
            $"mtu {Text(nic.Mtu)} of {nic.Name}{(largest is null ? "" : $", {Text(largest.Mtu)} of {largest.Name}")}",
            "packets of instances that are larger than the NIC's MTU are lost on a provider network; ping works, large answers stall",
            isSmall ? HostFitness.OnHost("lets the NIC send as much, if its network carries it; else the provider network's MTU has to be lowered", $"ip link set {nic.Name} mtu {Text(largest!.Mtu)}") : null);
    }

    private static IEnumerable<HostFinding> Missing(World world) => ProviderNics.Missing(world) is { } fault
        ? [Finding("host.nic", FindingLevel.Bad, fault.Device, fault.Summary, "instances reach the wire by it", fault.Fix)]
        : [];

    /// <summary>Open vSwitch in user space takes frames without their checksums from a veth, and hands them on as they are.</summary>
    private static IEnumerable<HostFinding> Checksums(World world)
    {
        var inUserSpace = (world.Seen.Switch?.Bridges ?? []).Where(bridge => bridge.DatapathType == "netdev").SelectMany(bridge => bridge.Ports).Select(port => world.Link("", port.Name)).ToList();
        var ends = inUserSpace.Select(link => link?.Peer).OfType<LinkEnd>().ToList();
        if (ends.Count == 0)
        {
            return [];
        }

        var without = ends.Where(end => world.Link(end.In, end.Name) is { TransmitChecksum: true }).ToList();
        return
        [
            Finding("host.checksum-offload", without.Count == 0 ? FindingLevel.Ok : FindingLevel.Bad, "checksums",
                without.Count == 0 ? $"transmit checksum offload is off on all {Text(ends.Count)} veth ends towards Open vSwitch" : $"transmit checksum offload is on at {Several.Named(without.Select(end => end.Name))}",
                "with it frames enter Open vSwitch's user space without a checksum: TCP and UDP are thrown away by the receiver while ping works",
                without.Count == 0 ? null : new Fix(FixPlace.Host, [.. without.Take(10).Select(end => Commands.In(end.In, $"ethtool -K {Commands.Quoted(end.Name)} tx off"))], "has the stack reckon them itself")),
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static HostFinding Finding(string code, FindingLevel level, string subject, string read, string why, Fix? fix) =>
        new() { Code = code, Level = level, Subject = subject, Read = read, Why = why, Fix = fix };
}
