using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Doctor;

/// <summary>Drives an examination over what was observed: its questions are answered by the project's own evaluators.</summary>
internal static class DoctorRun
{
    /// <summary>The report, or why the question can not be asked on this host.</summary>
    public static Result<Report> Examine(Observation seen, Topology intent, Inquiry inquiry, IpAddress? address)
    {
        var world = new World(seen);
        var (from, to) = (EndpointFinder.Find(world, intent, inquiry.From, address), EndpointFinder.Find(world, intent, inquiry.To, address));
        if (!from.IsOk || !to.IsOk)
        {
            return Result<Report>.Refused([.. from.IsOk ? [] : from.Rejections, .. to.IsOk ? [] : to.Rejections]);
        }

        var examination = new Examination(world, intent, inquiry, from.Value, to.Value);
        foreach (var question in examination.Run())
        {
            question.Answer = SwitchRun.Forward(seen.Switch!, question.Bridge, question.Port, question.Packet);
        }

        return examination.Report;
    }
}
