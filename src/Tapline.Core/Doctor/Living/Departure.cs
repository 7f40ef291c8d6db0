using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>Where a live probe starts, so that it comes as if its sender had sent it.</summary>
/// <param name="Namespace">In which network namespace.</param>
/// <param name="Device">By which device; empty where the namespace's routes decide.</param>
public abstract record Departure(string Namespace, string Device)
{
    /// <summary>A stack that one can see sends it itself.</summary>
    public sealed record FromStack(string Namespace) : Departure(Namespace, "");

    /// <summary>It comes in by the device, as if what is behind (an instance behind its TAP, the outside behind a NIC) had sent it.</summary>
    /// <param name="Device">The host's end.</param>
    /// <param name="Mac">Whose frames they are.</param>
    /// <param name="Asker">The address that asks for the neighbour; unspecified where asking must leave no trace with whom is asked.</param>
    /// <param name="Neighbour">Whom to send to.</param>
    public sealed record Behind(string Device, MacAddress Mac, IpAddress Asker, IpAddress Neighbour) : Departure("", Device);

    /// <summary>Null where nothing on the host tells how; only IPv4 is sent.</summary>
    public static Departure? Of(World world, Topology intent, Endpoint from, Endpoint to, Report report)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (from.Address.IsV6 || to.Address.IsV6)
        {
            return null;
        }

        if (Places.StackOf(world, from) is { } ns)
        {
            return new FromStack(ns);
        }

        if (from.Guest is { } guest)
        {
            return guest.Mac is { } mac && Segment.Of(world, intent, guest, from.Address)?.NextHop(to.Address) is { } next
                ? new Behind(guest.Tap, mac, from.Address, next)
                : null;
        }

        // An ARP request as from the real gateway would have the router believe the sender: a probe (RFC 5227) is answered, and teaches nothing.
        var nics = Uplinks.Of(world);
        var nic = report.Request.Select(hop => hop.Device).FirstOrDefault(nics.Contains) ?? (nics is [var any, ..] ? any : null);
        return nic is null ? null : new Behind(nic, NeighbourStep.Outside, new IpAddress(0, IsV6: false), to.Address);
    }
}
