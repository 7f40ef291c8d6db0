using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tapline.Load;

/// <summary>What a figure has to be read beside: how busy the machine was, how long its disk took; and what a process used.</summary>
internal static partial class Machine
{
    private const double TicksPerSecond = 100; // USER_HZ

    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Milliseconds of one 4 KiB append and its sync, the median of a hundred.</summary>
    public static double Fdatasync(string directory)
    {
        var path = Path.Combine(directory, "fdatasync.probe");
        var block = new byte[4096];
        var times = new List<double>();
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            for (var i = 0; i < 100; i++)
            {
                var start = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, block, i * (long)block.Length);
                if (fdatasync(file) != 0)
                {
                    throw new LoadException($"fdatasync of {path} failed");
                }

                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        File.Delete(path);
        return Median(times);
    }

    /// <summary>Milliseconds of processor time, user and kernel, of all threads of a process so far.</summary>
    public static double CpuOf(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond * 1000;
    }

    /// <summary>Resident memory in MB.</summary>
    public static double MemoryOf(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1000;
    }

    /// <summary>Runs a program to its end, whatever that is: its exit code, and the milliseconds until then.</summary>
    public static (int ExitCode, double Milliseconds) Time(string[] command)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Begin(command);
        process.WaitForExit();
        return (process.ExitCode, Figure.Milliseconds(start));
    }

    /// <summary>The most memory in MB that the child of a command (nsenter's) had resident, by a look each millisecond.</summary>
    public static double PeakOfChild(string[] command)
    {
        using var process = Begin(command);
        var peak = 0.0;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, PeakNow($"/proc/{process.Id}/task/{process.Id}/children"));
            Thread.Sleep(1);
        }

        return peak;
    }

    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static void Wait(Func<bool> condition, TimeSpan limit, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new LoadException($"{what}: not within {limit.TotalSeconds} s");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    public static string Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new LoadException($"{command[0]} did not start");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new LoadException($"{string.Join(' ', command)} ended with {process.ExitCode}");
    }

    private static Process Begin(string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
            ?? throw new LoadException($"{command[0]} did not start");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Of the first child that the file names; 0 before it is there and after it has ended.</summary>
    private static double PeakNow(string children)
    {
        try
        {
            var child = File.ReadAllText(children).Split(' ')[0];
            return child.Length == 0 ? 0
                : File.ReadLines($"/proc/{child}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is not { } line ? 0
                : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1000;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);
}

/// <summary>A measurement that could not be made.</summary>
internal sealed class LoadException(string message) : Exception(message);
