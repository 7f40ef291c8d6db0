using System.CommandLine;
using Tapline.Agent.Reading;
using Tapline.Core.Host.Observed;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary><c>tapline observe</c>: what this host is, whoever set it up.</summary>
internal static class ObserveCommand
{
    public static Command Make()
    {
        var (json, lab, hostName) = (Options.Json(), Options.LabName(), Options.HostOfLab());
        var configured = new Option<bool>("--configured") { Description = "only what Tapline configures, in the words of 'tapline plan'" };
        var output = new Option<string?>("--output") { Description = "write the whole as JSON to this file, which holds nothing private (docs/observe.md says what is left out)" };
        var command = new Command("observe", "what this host looks like: devices, addresses, routes, rules, switches, programs") { json, output, configured, lab, hostName };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetValue(output);
            if (parsed.GetValue(configured))
            {
                return file is null
                    ? await HostCommands.ObserveConfiguredAsync(parsed.GetValue(lab), parsed.GetRequiredValue(hostName), parsed.GetValue(json), cancellationToken).ConfigureAwait(false)
                    : throw new CommandException("--output writes the whole host: it does not go with --configured", exitCode: 64);
            }

            if (parsed.GetValue(lab) is { } labName)
            {
                return await InLabAsync(Lab.Require(labName), parsed.GetRequiredValue(hostName), parsed.GetValue(json), file, cancellationToken).ConfigureAwait(false);
            }

            var observation = await new HostReader(HostCommands.OvsRunDirectory, TimeProvider.System).ReadAsync(ReadScope.Whole, cancellationToken).ConfigureAwait(false);
            await PrintAsync(observation, parsed.GetValue(json), file, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static async Task PrintAsync(Observation observation, bool json, string? file, CancellationToken cancellationToken)
    {
        if (file is null && !json)
        {
            Console.Write(ObservationText.Of(observation, Output.IsColoured));
            return;
        }

        var bytes = ObservationJson.Write(observation);
        if (file is not null)
        {
            await WriteAsync(file, bytes, cancellationToken).ConfigureAwait(false);
        }

        if (json)
        {
            var console = Console.OpenStandardOutput();
            await using (console.ConfigureAwait(false))
            {
                await console.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                await console.WriteAsync("\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A lab's host has a file system of its own: it prints, and the file is written on this side.</summary>
    private static async Task<int> InLabAsync(LabEntry lab, string host, bool json, string? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            string[] again = json ? [Self.Executable, "observe", "--json"] : [Self.Executable, "observe"];
            var attached = await LabAccess.EnterAsync(lab, host, again, cancellationToken).ConfigureAwait(false);
            return await Shell.RunAttachedAsync(attached, cancellationToken).ConfigureAwait(false);
        }

        var enter = await LabAccess.EnterAsync(lab, host, [Self.Executable, "observe", "--json"], cancellationToken).ConfigureAwait(false);
        var text = await Shell.RequireAsync(enter, cancellationToken).ConfigureAwait(false);
        await WriteAsync(file, System.Text.Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        if (json)
        {
            Console.Write(text);
        }

        return 0;
    }

    /// <summary>Readable by its owner alone: it tells a lot of the host.</summary>
    private static async Task WriteAsync(string file, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            var stream = new FileStream(file, options);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--output {file}: {error.Message}");
        }
    }
}
