using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tapline.HostTests.Labs;

/// <summary>A ping that goes on, with the same ICMP id all the time: to the firewall one connection.</summary>
internal sealed partial class RunningPing : IAsyncDisposable
{
    private const string Interval = "0.05";
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    private readonly Process _process;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentQueue<TimeSpan> _replies = [];
    private readonly Task _reader;

    private RunningPing(Process process)
    {
        _process = process;
        _reader = ReadAsync();
    }

    /// <summary>Starts and returns when it has been answered.</summary>
    public static async Task<RunningPing> StartAsync(IEnumerable<string> from, string target)
    {
        var ping = new RunningPing(Shell.Start([.. from, "ping", "-n", "-i", Interval, target]));
        await Within.AtMostAsync(Within.FiveSeconds, $"an answer from {target}", () => Task.FromResult(ping._replies.Count > 2));
        return ping;
    }

    /// <summary>From now on, answers must end within two seconds.</summary>
    public async Task EndsWithinTwoSecondsAsync()
    {
        var begun = _clock.Elapsed;
        while (_clock.Elapsed - Last() < Silence)
        {
            Assert.True(Last() - begun < Within.TwoSeconds, "the running ping is still answered after 2 s");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true); // nsenter waits for its child in the other pid namespace
        }

        await _reader;
        _process.Dispose();
    }

    private TimeSpan Last() => _replies.LastOrDefault();

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("icmp_seq", StringComparison.Ordinal) && line.Contains("time=", StringComparison.Ordinal))
            {
                _replies.Enqueue(_clock.Elapsed);
            }
        }
    }

    /// <summary>Pings that many times, fifty a second, and tells how many were answered.</summary>
    public static async Task<(int Sent, int Received)> CountAsync(IEnumerable<string> from, string target, int count)
    {
        var result = await Shell.RunAsync([.. from, "ping", "-n", "-q", "-i", "0.02", "-c", count.ToString(CultureInfo.InvariantCulture), target]);
        var total = Totals().Match(result.Text);
        Assert.True(total.Success, result.Text + result.Error);
        return (int.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(total.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Totals();
}
