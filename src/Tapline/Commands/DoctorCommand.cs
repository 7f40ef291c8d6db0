using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tapline.Agent;
using Tapline.Agent.Reading;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Fitness;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Doctor;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary><c>tapline doctor</c>: where a packet dies, why, and which command mends it.</summary>
internal static class DoctorCommand
{
    private const int Usage = 64;

    public static Command Make()
    {
        var what = new Argument<string?>("WHAT") { Description = "ping, tcp/PORT, udp/PORT; dhcp: why has it no address? host: is this host fit to carry instances? Without it, all instances of the host are examined", Arity = ArgumentArity.ZeroOrOne };
        var from = new Argument<string?>("FROM") { Description = "instance, port, TAP, MAC, iface-id, floating IP or address", Arity = ArgumentArity.ZeroOrOne };
        var to = new Argument<string?>("TO") { Description = "the same, or any address", Arity = ArgumentArity.ZeroOrOne };
        var address = new Option<string?>("--ip") { Description = "the instance's address, on a host that does not tell it" };
        var snapshot = new Option<FileInfo[]>("--snapshot") { Description = "trace on a file of 'tapline observe --json' instead of this host; again for each further host", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
        var live = new Option<bool>("--live") { Description = "send such packets too, as the sender, and tell what each device saw; all of it is gone afterwards" };
        var svg = new Option<FileInfo?>("--svg") { Description = "write the picture to this file too" };
        var (json, lab, host) = (Options.Json(), Options.LabName(), Options.HostOfLab());
        var command = new Command("doctor", """
            says where a packet dies on its way or on its way back, why, and which command mends it; without --live it changes nothing

            exit codes: 0 works, 1 broken, 2 works but something waits to bite, 3 unknown, 4 broken inside the instance; of 'doctor host': 0 fit,
            1 not fit, 2 fit with warnings, 3 something could not be read
            """) { what, from, to, address, live, snapshot, svg, json, lab, host };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] words = [.. new[] { parsed.GetValue(what), parsed.GetValue(from), parsed.GetValue(to) }.OfType<string>()];
            var asked = words switch
            {
                [] or ["host"] => null,
                ["dhcp", var client, ..] => new Inquiry(client, "dhcp", "dhcp", null),
                [var question, var sender, var receiver] => Asked(question, sender, receiver),
                _ => throw new CommandException("the doctor is asked WHAT FROM TO ('tapline doctor ping web 8.8.8.8'), or nothing at all: then it examines every instance", Usage),
            };
            if (words is ["host"] && parsed.GetValue(live))
            {
                throw new CommandException("'doctor host' only reads: there is nothing to send, leave --live out", Usage);
            }

            if (parsed.GetValue(lab) is { } labName)
            {
                string[] again =
                [
                    Self.Executable, "doctor", .. words,
                    .. parsed.GetValue(json) ? (string[])["--json"] : [], .. parsed.GetValue(live) ? (string[])["--live"] : [], .. parsed.GetValue(address) is { } ip ? (string[])["--ip", ip] : [],
                    .. parsed.GetValue(svg) is { } picture ? (string[])["--svg", picture.FullName] : [],
                ];
                var enter = await LabAccess.EnterAsync(Lab.Require(labName), parsed.GetRequiredValue(host), again, cancellationToken).ConfigureAwait(false);
                return await Shell.RunAttachedAsync(enter, cancellationToken).ConfigureAwait(false);
            }

            var files = parsed.GetValue(snapshot) ?? [];
            if (files.Length > 1)
            {
                return asked is null || parsed.GetValue(live)
                    ? throw new CommandException("several --snapshot are for one question, WHAT FROM TO, and without --live: the hosts themselves are not there", Usage)
                    : await TellAcrossAsync(files, asked, Address(parsed.GetValue(address)), parsed.GetValue(json), parsed.GetValue(svg), cancellationToken).ConfigureAwait(false);
            }

            var file = files.FirstOrDefault();
            var isOfHost = words is ["host"];
            var scope = ReadScope.Whole with { Machine = isOfHost, Counters = false };
            var wanted = file is null && !isOfHost ? IntentAsync(cancellationToken) : Task.FromResult(Topology.Empty);
            var seen = file is null
                ? await new HostReader(HostCommands.OvsRunDirectory, TimeProvider.System).ReadAsync(scope, cancellationToken).ConfigureAwait(false)
                : await ReadAsync(file, cancellationToken).ConfigureAwait(false);
            if (isOfHost)
            {
                return TellHost(seen, file is null ? "static" : "snapshot", parsed.GetValue(json));
            }

            var intent = await wanted.ConfigureAwait(false);
            var isLive = parsed.GetValue(live);
            if (asked is null)
            {
                return isLive ? throw new CommandException("--live sends one question's packets: say WHAT FROM TO", Usage) : TellAll(DoctorRun.ExamineAll(seen, intent), seen.Host, file is null ? "static" : "snapshot", parsed.GetValue(json));
            }

            var result = isLive && file is null
                ? await DoctorRun.ExamineLiveAsync(seen, intent, asked, Address(parsed.GetValue(address)), cancellationToken).ConfigureAwait(false)
                : isLive ? throw new CommandException("--live asks the host itself, --snapshot a file: one of the two", Usage)
                : DoctorRun.Examine(seen, intent, asked, Address(parsed.GetValue(address)));
            if (!result.IsOk)
            {
                throw new CommandException(string.Join("; ", result.Rejections.Select(rejection => rejection.Message)), Usage);
            }

            await TellAsync(result.Value, seen.Host, isLive ? "live" : file is null ? "static" : "snapshot", parsed.GetValue(json), parsed.GetValue(svg), cancellationToken).ConfigureAwait(false);
            return DoctorJson.ExitCode(result.Value.Verdict);
        });
        return command;
    }

    private static int TellHost(Observation seen, string mode, bool json)
    {
        var findings = HostFitness.Of(seen);
        Console.WriteLine(json ? HostFitnessText.Json(seen, findings, mode).ToJsonString(Output.Indented) : HostFitnessText.Of(seen, findings, Output.IsColoured));
        return HostFitnessText.ExitCode(HostFitness.Worst(findings));
    }

    private static int TellAll(IReadOnlyList<Report> reports, string host, string mode, bool json)
    {
        Console.WriteLine(json ? RoundText.Json(reports, host, mode).ToJsonString(Output.Indented) : RoundText.Of(reports));
        return DoctorJson.ExitCode(RoundText.Worst(reports));
    }

    private static async Task TellAsync(Report report, string host, string mode, bool json, FileInfo? svg, CancellationToken cancellationToken)
    {
        Console.WriteLine(json ? DoctorJson.Of(report, host, mode).ToJsonString(Output.Indented) : DoctorText.Of(report, Output.IsColoured));
        if (svg is not null)
        {
            await File.WriteAllTextAsync(svg.FullName, DoctorSvg.Of(report), cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<int> TellAcrossAsync(FileInfo[] files, Inquiry asked, IpAddress? address, bool json, FileInfo? svg, CancellationToken cancellationToken)
    {
        var hosts = new List<Observation>();
        foreach (var file in files)
        {
            hosts.Add(await ReadAsync(file, cancellationToken).ConfigureAwait(false));
        }

        if (hosts.GroupBy(seen => seen.Host).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new CommandException($"two of the files are of the same host, {twice.Key}: give one of each", Usage);
        }

        var result = DoctorRun.ExamineAcross(hosts, asked, address);
        if (!result.IsOk)
        {
            throw new CommandException(string.Join("; ", result.Rejections.Select(rejection => rejection.Message)), Usage);
        }

        await TellAsync(result.Value, hosts[0].Host, "snapshot", json, svg, cancellationToken).ConfigureAwait(false);
        return DoctorJson.ExitCode(result.Value.Verdict);
    }

    private static Inquiry Asked(string what, string from, string to)
    {
        if (what is "ping" or "icmp")
        {
            return new Inquiry(from, to, "icmp", null);
        }

        return what.Split('/') is [("tcp" or "udp") and var protocol, var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65_536
            ? new Inquiry(from, to, protocol, port)
            : throw new CommandException($"'{what}' is nothing the doctor can trace: ping, tcp/PORT, udp/PORT or dhcp", Usage);
    }

    internal static IpAddress? Address(string? text) => text is null ? null
        : IpAddress.TryParse(text, out var address) ? address
        : throw new CommandException($"--ip: '{text}' is not an IP address", Usage);

    private static async Task<Observation> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return ObservationJson.Read(await File.ReadAllBytesAsync(file.FullName, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file}: {error.Message}", Usage);
        }
    }

    /// <summary>What the cloud wants of this host, where Tapline runs here; names of instances and ports come from it.</summary>
    internal static async Task<Topology> IntentAsync(CancellationToken cancellationToken)
    {
        var path = new HostPaths(HostCommands.DefaultState, HostCommands.OvsRunDirectory).Slice;
        return File.Exists(path)
            ? JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), ModelJson.Default.Slice)!.ToTopology()
            : Topology.Empty;
    }
}
