using System.Diagnostics;

namespace Tapline.Labs;

/// <summary>Other programs, run to their end.</summary>
internal static class Shell
{
    /// <summary>Runs with this process' own terminal; returns the exit code.</summary>
    public static async Task<int> RunAttachedAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false })
            ?? throw new CommandException($"{command[0]} did not start");
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <summary>Runs and collects what it prints.</summary>
    public static async Task<Output> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start) ?? throw new CommandException($"{command[0]} did not start");
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return new Output(process.ExitCode, output, await error.ConfigureAwait(false));
    }

    /// <summary>The same, where anything but success is a reason to stop.</summary>
    public static async Task<string> RequireAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Text
            : throw new CommandException($"'{string.Join(' ', command)}' ended with {result.ExitCode}: {result.Error.Trim()}{result.Text.Trim()}");
    }

    public sealed record Output(int ExitCode, string Text, string Error);
}
