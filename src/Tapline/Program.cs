using System.CommandLine;
using Tapline.Commands;

namespace Tapline;

/// <summary>The one binary: nouns and verbs.</summary>
internal static class Program
{
    private const int Usage = 64;
    private const int Bug = 70;

    /// <summary>After Ctrl-C: a demo ends its lab.</summary>
    private static readonly TimeSpan TimeForCleaningUp = TimeSpan.FromSeconds(20);

    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Tapline gives virtual machines on Linux a cloud network, and says where a ping dies.")
        {
            DemoCommand.Make(),
            LabCommands.Make(),
            InstanceCommands.Make(),
            StatusCommand.Make(),
            HostCommands.Plan(),
            ObserveCommand.Make(),
            HostCommands.Diff(),
            DoctorCommand.Make(),
            TraceCommand.Make(),
            ServerCommand.Make(),
            AgentCommand.Make(),
            LabCommands.Init(),
            DemoCommand.Walk(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"tapline: {error.Message}").ConfigureAwait(false);
            }

            await Console.Error.WriteLineAsync("'tapline --help' lists the commands, 'tapline COMMAND --help' what one takes").ConfigureAwait(false);
            return Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeForCleaningUp,
            }).ConfigureAwait(false);
        }
        catch (CommandException error)
        {
            await Console.Error.WriteLineAsync($"tapline: {error.Message}").ConfigureAwait(false);
            return error.ExitCode;
        }
        catch (HttpRequestException error)
        {
            await Console.Error.WriteLineAsync($"tapline: the server does not answer: {error.Message}").ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception error)
        {
            await Console.Error.WriteLineAsync($"tapline: a bug of ours: {error}").ConfigureAwait(false);
            return Bug;
        }
    }
}
