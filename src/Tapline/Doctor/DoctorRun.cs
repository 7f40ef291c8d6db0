using System.Net.Sockets;
using Tapline.Agent.Probing;
using Tapline.Core.Doctor.Comparing;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Living;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Wire.Netlink;

namespace Tapline.Doctor;

/// <summary>Drives an examination over what was observed: its questions are answered by the project's own evaluators.</summary>
internal static class DoctorRun
{
    /// <summary>The report, or why the question can not be asked on this host.</summary>
    public static Result<Report> Examine(Observation seen, Topology intent, Inquiry inquiry, IpAddress? address)
    {
        var wanted = PlanAsync(seen, intent);
        var asked = Asked.Of(seen, intent, inquiry, address);
        return asked.IsOk ? Examine(asked.Value, wanted) : Result<Report>.Refused([.. asked.Rejections]);
    }

    /// <summary>A report of each question that the instances of this host give rise to.</summary>
    public static IReadOnlyList<Report> ExamineAll(Observation seen, Topology intent)
    {
        var wanted = Task.FromResult(Wanted.Of(seen, intent));
        return [.. Rounds.Of(new World(seen)).Select(inquiry => Asked.Of(seen, intent, inquiry, null)).Where(asked => asked.IsOk).Select(asked => Examine(asked.Value, wanted))];
    }

    /// <summary>Of several hosts that are known by their files: the one or two that the question's sides are on.</summary>
    public static Result<Report> ExamineAcross(IReadOnlyList<Observation> hosts, Inquiry inquiry, IpAddress? address)
    {
        var near = hosts.FirstOrDefault(seen => Has(seen, inquiry.From, address));
        var far = inquiry.Protocol == "dhcp" ? null : hosts.FirstOrDefault(seen => Has(seen, inquiry.To, null)) ?? hosts.FirstOrDefault(seen => LeadsTo(seen, inquiry.To));
        if (near is null || far is null || near == far)
        {
            var only = near ?? far ?? hosts[0];
            var report = Examine(only, Topology.Empty, inquiry, address);
            return report.IsOk ? Across.On(only.Host, report.Value) : report;
        }

        var to = EndpointFinder.Find(new World(far), Topology.Empty, inquiry.To, null).Value.Address;
        var there = Examine(near, Topology.Empty, inquiry with { To = to.ToString() }, address);
        if (!there.IsOk)
        {
            return there;
        }

        var from = there.Value.Request.Select(hop => hop.Packet).LastOrDefault(packet => !packet.IsArp)?.Source.ToString() ?? inquiry.From;
        var onward = Examine(far, Topology.Empty, inquiry with { From = from }, null);
        return onward.IsOk ? Across.Join(Across.On(near.Host, there.Value with { Inquiry = inquiry }), Across.On(far.Host, onward.Value)) : onward;
    }

    private static bool Has(Observation seen, string text, IpAddress? address) =>
        EndpointFinder.Find(new World(seen), Topology.Empty, text, address) is { IsOk: true, Value.Guest: not null };

    private static bool LeadsTo(Observation seen, string text) => IpAddress.TryParse(text, out var address) && new World(seen).OwnersOf(address).Any();

    /// <summary>The same, and then what really happens to such packets.</summary>
    public static async Task<Result<Report>> ExamineLiveAsync(Observation seen, Topology intent, Inquiry inquiry, IpAddress? address, CancellationToken cancellationToken)
    {
        var wanted = PlanAsync(seen, intent);
        var asked = Asked.Of(seen, intent, inquiry, address);
        if (!asked.IsOk)
        {
            return Result<Report>.Refused([.. asked.Rejections]);
        }

        var (world, _, _, from, to) = asked.Value;
        var traced = Examine(asked.Value, wanted);
        if (inquiry.Protocol == "dhcp")
        {
            return Unsent(traced, "a question for an address is traced, not sent: it could disturb the instance's own");
        }

        if (ProbePlan.Of(world, intent, from, to, traced) is not { } plan)
        {
            return Unsent(traced, "this host does not tell how to send as the sender (only IPv4 is sent)");
        }

        try
        {
            return LiveVerdict.Of(world, traced, await LiveProbe.RunAsync(plan, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is IOException or SocketException or UnauthorizedAccessException or NetlinkException)
        {
            return Unsent(traced, error.Message);
        }
    }

    /// <summary>Where such packets come by, and by which addresses they are known on both sides of every translation.</summary>
    public static Result<Lookout> LookFor(Observation seen, Topology intent, Inquiry inquiry, IpAddress? address)
    {
        var asked = Asked.Of(seen, intent, inquiry, address);
        if (!asked.IsOk)
        {
            return Result<Lookout>.Refused([.. asked.Rejections]);
        }

        var report = Examine(asked.Value, Task.FromResult(HostState.Empty));
        var hops = report.Request.Concat(report.Reply).ToList();
        return new Lookout(
            [.. seen.Namespaces.Select(ns => ns.Name)],
            [.. hops.Where(hop => hop.Kind == "bridge").Select(hop => (hop.Namespace, hop.Device)).Distinct()],
            [.. hops.SelectMany(hop => new[] { hop.Packet.Source, hop.Packet.Destination }).Prepend(asked.Value.To.Address).Prepend(asked.Value.From.Address).Where(item => !item.IsV6).Distinct()]);
    }

    private static Report Unsent(Report traced, string why) => traced with { Notes = [.. traced.Notes, $"nothing was sent, so this is what was read alone: {why}"] };

    /// <summary>Planning and tracing need nothing of each other.</summary>
    private static Task<HostState> PlanAsync(Observation seen, Topology intent) => Task.Run(() => Wanted.Of(seen, intent));

    /// <summary>What was found, beside what should be.</summary>
    private static Report Examine(Asked asked, Task<HostState> wanted)
    {
        var traced = Trace(asked);
        return new Comparison(asked.World, wanted.GetAwaiter().GetResult()).Beside(traced);
    }

    private static Report Trace(Asked asked)
    {
        if (asked.Inquiry.Protocol == "dhcp")
        {
            var lease = new DhcpExamination(asked.World, asked.Intent, asked.Inquiry, asked.From);
            Answer(asked, lease.Run());
            return lease.Report;
        }

        var examination = new Examination(asked.World, asked.Intent, asked.Inquiry, asked.From, asked.To);
        Answer(asked, examination.Run());
        return examination.Report;
    }

    /// <summary>A question whose two sides have been found on the host.</summary>
    private static void Answer(Asked asked, IEnumerable<SwitchQuestion> questions)
    {
        foreach (var question in questions)
        {
            question.Answer = SwitchRun.Forward(asked.World.Seen.Switch!, question.Bridge, question.Port, question.Packet);
        }
    }

    private sealed record Asked(World World, Topology Intent, Inquiry Inquiry, Endpoint From, Endpoint To)
    {
        public static Result<Asked> Of(Observation seen, Topology intent, Inquiry inquiry, IpAddress? address)
        {
            var world = new World(seen);
            if (inquiry.Protocol == "dhcp")
            {
                var guest = EndpointFinder.Find(world, intent, inquiry.From, address);
                return !guest.IsOk ? Result<Asked>.Refused([.. guest.Rejections])
                    : guest.Value.Guest is null ? Rejection.NotFound("PortNotFound", $"'{inquiry.From}' is no instance of this host, which alone asks for an address")
                    : new Asked(world, intent, inquiry, guest.Value, guest.Value);
            }

            var (from, to) = (EndpointFinder.Find(world, intent, inquiry.From, address), EndpointFinder.Find(world, intent, inquiry.To, address));
            return from.IsOk && to.IsOk
                ? new Asked(world, intent, inquiry, from.Value, to.Value)
                : Result<Asked>.Refused([.. from.IsOk ? [] : from.Rejections, .. to.IsOk ? [] : to.Rejections]);
        }
    }
}
