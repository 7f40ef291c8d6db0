using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Tapline.Agent.Probing;
using Tapline.Agent.Reading;
using Tapline.Core.Doctor.Examining;
using Tapline.Doctor;
using Tapline.Labs;
using Tapline.Wire.Packets;

namespace Tapline.Commands;

/// <summary><c>tapline trace</c>: traffic that is there already, on every device at once.</summary>
internal static class TraceCommand
{
    private const int Usage = 64;
    private const int LongestSeconds = 3600;

    public static Command Make()
    {
        var from = new Argument<string>("FROM") { Description = "instance, port, TAP, MAC, iface-id, floating IP or address" };
        var to = new Argument<string>("TO") { Description = "the same, or any address" };
        var device = new Option<string?>("--device") { Description = "only on this device" };
        var seconds = new Option<int>("--seconds") { Description = "how long", DefaultValueFactory = _ => 10 };
        var pcap = new Option<string?>("--pcap") { Description = "write the frames to this file too (pcapng, a device an interface); of a lab's host as it sees the file" };
        var address = new Option<string?>("--ip") { Description = "the instance's address, on a host that does not tell it" };
        var (json, lab, host) = (Options.Json(), Options.LabName(), Options.HostOfLab());
        var command = new Command("trace", "shows what goes between the two, on every device at once; Ctrl-C ends it early, and it changes nothing")
        {
            from, to, device, seconds, pcap, address, json, lab, host,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var limit = parsed.GetValue(seconds) is >= 1 and <= LongestSeconds and var number ? number : throw new CommandException($"--seconds: 1 to {LongestSeconds}", Usage);
            var file = parsed.GetValue(pcap) is { } name ? Path.GetFullPath(name) : null;
            if (parsed.GetValue(lab) is { } labName)
            {
                string[] again =
                [
                    Self.Executable, "trace", parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), "--seconds", limit.ToString(CultureInfo.InvariantCulture),
                    .. Given("--device", parsed.GetValue(device)), .. Given("--pcap", file), .. Given("--ip", parsed.GetValue(address)), .. parsed.GetValue(json) ? (string[])["--json"] : [],
                ];
                var enter = await LabAccess.EnterAsync(Lab.Require(labName), parsed.GetRequiredValue(host), again, cancellationToken).ConfigureAwait(false);
                return await Shell.RunAttachedAsync(enter, cancellationToken).ConfigureAwait(false);
            }

            var seen = await new HostReader(HostCommands.OvsRunDirectory, TimeProvider.System).ReadAsync(ReadScope.Whole with { Counters = false }, cancellationToken).ConfigureAwait(false);
            var intent = await DoctorCommand.IntentAsync(cancellationToken).ConfigureAwait(false);
            var inquiry = new Inquiry(parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), "icmp", null);
            var lookout = DoctorRun.LookFor(seen, intent, inquiry, DoctorCommand.Address(parsed.GetValue(address)));
            if (!lookout.IsOk)
            {
                throw new CommandException(string.Join("; ", lookout.Rejections.Select(rejection => rejection.Message)), Usage);
            }

            var frames = await WatchAsync(lookout.Value, parsed.GetValue(device), TimeSpan.FromSeconds(limit), cancellationToken).ConfigureAwait(false);
            Console.WriteLine(parsed.GetValue(json) ? Json(frames).ToJsonString(Output.Indented) : Text(frames));
            if (file is not null)
            {
                Write(file, frames);
            }

            return frames.Count > 0 ? 0 : 1;
        });
        return command;
    }

    private static string[] Given(string option, string? value) => value is null ? [] : [option, value];

    private static async Task<IReadOnlyList<SeenFrame>> WatchAsync(Lookout lookout, string? device, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await Traffic.WatchAsync(lookout, device, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new CommandException($"nothing can be looked at: {error.Message}");
        }
    }

    private static string Text(IReadOnlyList<SeenFrame> frames) => frames.Count == 0 ? "nothing came by" : Output.Table(
        ["TIME", "DEVICE", "", "FRAME", "NAMESPACE"],
        frames.Select(item => new[] { Milliseconds(frames[0], item).ToString("0.000", CultureInfo.InvariantCulture), item.Device, item.Frame.IsOutgoing ? "out" : "in", FrameWords.Of(item.Parsed), item.Namespace }));

    private static JsonObject Json(IReadOnlyList<SeenFrame> frames) => new()
    {
        ["schema"] = 1,
        ["frames"] = new JsonArray([.. frames.Select(item => (JsonNode)new JsonObject
        {
            ["ms"] = Milliseconds(frames[0], item),
            ["namespace"] = item.Namespace,
            ["device"] = item.Device,
            ["direction"] = item.Frame.IsOutgoing ? "out" : "in",
            ["frame"] = FrameWords.Of(item.Parsed),
        })]),
    };

    private static double Milliseconds(SeenFrame first, SeenFrame item) => (item.Frame.TimestampNanoseconds - first.Frame.TimestampNanoseconds) / 1e6;

    private static void Write(string path, IReadOnlyList<SeenFrame> frames)
    {
        using var file = File.Create(path);
        var writer = new PcapngWriter(file);
        foreach (var item in frames)
        {
            writer.Write(item.Namespace.Length == 0 ? item.Device : $"{item.Namespace}/{item.Device}", item.Frame);
        }
    }
}
