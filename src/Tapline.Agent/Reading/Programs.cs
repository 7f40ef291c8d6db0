using System.ComponentModel;
using System.Diagnostics;

namespace Tapline.Agent.Reading;

/// <summary>Programs that only print. They run in the namespace of the calling thread, and not longer than <see cref="Limit"/>.</summary>
internal static class Programs
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private const int Longest = 16 * 1024 * 1024;
    private static readonly string[] Directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The first of these names that is installed; null where none is.</summary>
    public static string? Find(params IEnumerable<string> names)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(Directories).ToList();
        return names.SelectMany(name => directories.Select(directory => Path.Combine(directory, name))).FirstOrDefault(File.Exists);
    }

    /// <summary>What it prints; throws an <see cref="IOException"/> with its own words where it fails, prints too much or does not end.</summary>
    public static string Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start) ?? throw new IOException($"{program} did not start");
        process.StandardInput.Close();
        var tooLate = false;
        using var limit = new Timer(_ =>
        {
            tooLate = true;
            End(process);
        }, null, Limit, Timeout.InfiniteTimeSpan);
        var error = process.StandardError.ReadToEndAsync();
        var text = ReadBounded(process.StandardOutput);
        if (text is null)
        {
            End(process);
            throw new IOException($"{Path.GetFileName(program)} printed more than {Longest / 1024 / 1024} MB");
        }

        process.WaitForExit();
        return tooLate ? throw new IOException($"{Path.GetFileName(program)} did not end within {Limit.TotalSeconds} s")
            : process.ExitCode == 0 ? text
            : throw new IOException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {error.GetAwaiter().GetResult().Trim()}");
    }

    private static string? ReadBounded(StreamReader output)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[32 * 1024];
        while (output.Read(buffer, 0, buffer.Length) is var count and > 0)
        {
            text.Append(buffer, 0, count);
            if (text.Length > Longest)
            {
                return null;
            }
        }

        return text.ToString();
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
