using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What keeps a DHCP server from serving an instance.</summary>
internal static class DhcpFaults
{
    /// <summary>It has the question and will not answer; null where it will.</summary>
    public static Fault? OfServer(ObservedProcess server, GuestFacts guest, IpAddress expected)
    {
        if (server.State is "T" or "t" or "Z")
        {
            return new Fault
            {
                Code = "dhcp.server-dead",
                Namespace = server.Namespace,
                Device = "dnsmasq",
                Summary = $"dnsmasq (process {LinkStep.Number(server.Pid)}) in {server.Namespace} is {(server.State == "Z" ? "dead" : "stopped")}: nobody answers DHCP",
                Evidence = [$"process {LinkStep.Number(server.Pid)}: state {server.State}"],
                Fix = server.State == "Z" ? null : new Fix(FixPlace.Host, [$"kill -CONT {LinkStep.Number(server.Pid)}"], "lets it run on"),
            };
        }

        var isStatic = server.Arguments.Any(argument => argument.StartsWith("--dhcp-range", StringComparison.Ordinal) && argument.Contains(",static", StringComparison.Ordinal))
            || server.Files.Any(file => file.Content.Contains(",static", StringComparison.Ordinal));
        if (!isStatic || server.Files.Any(file => file.Content.Contains(guest.Mac.ToString()!, StringComparison.OrdinalIgnoreCase) && !file.Name.EndsWith("leases", StringComparison.Ordinal)))
        {
            return null;
        }

        var hosts = server.Arguments.Where(argument => argument.StartsWith("--dhcp-hostsfile=", StringComparison.Ordinal)).Select(argument => argument["--dhcp-hostsfile=".Length..]).FirstOrDefault();
        return new Fault
        {
            Code = "dhcp.no-host-entry",
            Namespace = server.Namespace,
            Device = "dnsmasq",
            Summary = $"dnsmasq in {server.Namespace} serves known hosts alone, and does not know {guest.Mac}: it keeps silent",
            Evidence = [$"no file of process {LinkStep.Number(server.Pid)} names {guest.Mac}", .. hosts is null ? (string[])[] : [$"--dhcp-hostsfile={hosts}"]],
            Fix = hosts is null ? null : new Fix(FixPlace.Host, [$"echo '{guest.Mac},{expected}' >> {Commands.Quoted(hosts)} && kill -HUP {LinkStep.Number(server.Pid)}"],
                "makes the instance known to it; the agent should have written the line"),
        };
    }

    /// <summary>The question has come to no server.</summary>
    public static Fault Unserved(World world, GuestFacts guest, IpAddress expected, IReadOnlyList<Branch> branches)
    {
        var legs = (from ns in world.Seen.Namespaces
                    where ns.Name.StartsWith("qdhcp-", StringComparison.Ordinal)
                    from address in ns.Addresses
                    where address.Device != "lo" && address.Prefix.Contains(expected)
                    select (Namespace: ns.Name, address.Device)).ToList();
        var lost = branches.Where(branch => branch.End is End.Lost && !Asides.IsAside(world, branch)).OrderBy(branch => ((End.Lost)branch.End).IsOneOfSeveral)
            .ThenByDescending(branch => branch.Trail?.Length ?? 0).Select(branch => ((End.Lost)branch.End).Fault).FirstOrDefault();
        foreach (var (ns, device) in legs)
        {
            if (branches.Any(branch => branch.End is End.Ignored end && end.Namespace == ns))
            {
                return NotRunning(ns);
            }

            var asker = new Neighbourhood("", "qvo" + guest.Tap[3..], expected);
            if (SegmentFaults.Between(world, asker, Attachments.Toward(world, ns, device)) is { } between)
            {
                return between;
            }
        }

        return lost ?? (legs.Count > 0 ? NotRunning(legs[0].Namespace) : new Fault
        {
            Code = "dhcp.no-server",
            Device = guest.Tap,
            Summary = $"no DHCP server of this host is in the network of {expected}: there is no namespace qdhcp-… with an address in it",
            Evidence = [$"namespaces qdhcp-…: {LinkStep.Number(world.Seen.Namespaces.Count(ns => ns.Name.StartsWith("qdhcp-", StringComparison.Ordinal)))}, none near {expected}"],
            Fix = new Fix(FixPlace.Api, ["openstack subnet set --dhcp SUBNET"], "has the network served, if it is meant to be; another host may serve it too"),
        });
    }

    private static Fault NotRunning(string ns) => new()
    {
        Code = "dhcp.server-dead",
        Namespace = ns,
        Device = "dnsmasq",
        Summary = $"no dnsmasq runs in {ns}: DHCP questions come there and nobody answers",
        Evidence = [$"no process dnsmasq in {ns}"],
        Fix = new Fix(FixPlace.Api, ["openstack subnet set --no-dhcp SUBNET", "openstack subnet set --dhcp SUBNET"], "has the agent start it again; its log tells why it ended"),
    };
}
