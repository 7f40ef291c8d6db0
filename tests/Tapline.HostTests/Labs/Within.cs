using System.Diagnostics;

namespace Tapline.HostTests.Labs;

/// <summary>What has to become true soon.</summary>
internal static class Within
{
    public static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task TwoSecondsAsync(string what, Func<Task<bool>> condition) => AtMostAsync(TwoSeconds, what, condition);

    public static async Task AtMostAsync(TimeSpan limit, string what, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var begun = clock.Elapsed;
            if (await condition())
            {
                return;
            }

            // A look that began in time may end late: what it saw counts.
            Assert.True(begun < limit, $"not within {limit.TotalSeconds} s: {what}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
