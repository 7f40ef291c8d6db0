using System.Diagnostics;

namespace Tapline.HostTests.Labs;

/// <summary>Other programs, run to their end.</summary>
internal static class Shell
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static async Task<Result> RunAsync(IEnumerable<string> command, string input = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(command, environment);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await WriteAsync(process, input);
            await process.WaitForExitAsync(limit.Token);
            return new Result(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public static Process Start(IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var words = command.ToList();
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task WriteAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not want to hear all.
        }
    }

    internal sealed record Result(int ExitCode, string Text, string Error)
    {
        public Result Required()
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Text}");
            return this;
        }
    }
}
