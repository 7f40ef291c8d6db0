using System.Diagnostics;
using System.Text.Json.Nodes;
using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Doctor;

/// <summary>A report for programs; the shape is a contract (docs/doctor.md).</summary>
internal static class DoctorJson
{
    private const int Schema = 1;

    public static JsonObject Of(Report report, string host, string mode) => new()
    {
        ["schema"] = Schema,
        ["mode"] = mode,
        ["question"] = new JsonObject
        {
            ["from"] = report.Inquiry.From,
            ["to"] = report.Inquiry.To,
            ["proto"] = report.Inquiry.Protocol,
            ["port"] = report.Inquiry.Port,
            ["way"] = report.Way,
        },
        ["verdict"] = Word(report.Verdict),
        ["missing"] = report.Missing,
        ["causes"] = new JsonArray([.. report.Causes.Select(cause => (JsonNode)Of(cause, host))]),
        ["request"] = new JsonObject { ["hops"] = new JsonArray([.. report.Request.Select(hop => (JsonNode)Of(hop, host))]) },
        ["reply"] = new JsonObject { ["hops"] = new JsonArray([.. report.Reply.Select(hop => (JsonNode)Of(hop, host))]) },
        ["notes"] = new JsonArray([.. report.Notes.Select(note => (JsonNode)note)]),
    };

    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Works => "works",
        Verdict.WorksBut => "works-but",
        Verdict.Broken => "broken",
        Verdict.BrokenInGuest => "broken-in-guest",
        Verdict.Unknown => "unknown",
        _ => throw new UnreachableException(),
    };

    /// <summary>What the command exits with.</summary>
    public static int ExitCode(Verdict verdict) => verdict switch
    {
        Verdict.Works => 0,
        Verdict.Broken => 1,
        Verdict.WorksBut => 2,
        Verdict.Unknown => 3,
        Verdict.BrokenInGuest => 4,
        _ => throw new UnreachableException(),
    };

    private static JsonObject Of(Cause cause, string host) => new()
    {
        ["code"] = cause.Fault.Code,
        ["host"] = cause.Host ?? host,
        ["namespace"] = cause.Fault.Namespace,
        ["device"] = cause.Fault.Device,
        ["direction"] = cause.Direction,
        ["summary"] = cause.Fault.Summary,
        ["evidence"] = new JsonArray([.. cause.Fault.Evidence.Select(line => (JsonNode)line)]),
        ["fix"] = Of(cause.Fault.Fix),
    };

    /// <summary>Where to run what; null where nothing is offered.</summary>
    public static JsonObject? Of(Fix? fix) => fix is null ? null : new JsonObject
    {
        ["where"] = fix.Where.ToString().ToLowerInvariant(),
        ["commands"] = new JsonArray([.. fix.Commands.Select(command => (JsonNode)command)]),
        ["explanation"] = fix.Explanation,
    };

    private static JsonObject Of(Hop hop, string host) => new()
    {
        ["host"] = hop.Host ?? host,
        ["namespace"] = hop.Namespace,
        ["device"] = hop.Device,
        ["kind"] = hop.Kind,
        ["packet"] = hop.Packet.IsArp ? "arp" : Packets.Short(hop.Packet).Split('-', '/')[0],
        ["src"] = hop.Packet.Source.ToString(),
        ["dst"] = hop.Packet.Destination.ToString(),
        ["should"] = hop.Should,
        ["is"] = hop.Is,
        ["saw"] = hop.Saw?.ToString(),
        ["state"] = hop.State.ToString().ToLowerInvariant(),
        ["detail"] = hop.Detail,
    };
}
