using System.Diagnostics;

namespace Tapline.HostTests.Labs;

/// <summary>A TCP connection from outside to an instance that sends back each line.</summary>
internal sealed class TcpEcho : IAsyncDisposable
{
    private const string Port = "22";
    private readonly Process _server;
    private readonly Process _client;

    private TcpEcho(Process server, Process client) => (_server, _client) = (server, client);

    public static async Task<TcpEcho> ConnectAsync(LabFixture lab, Guest guest, string address)
    {
        var server = Shell.Start(lab.In(guest, "busybox", "nc", "-l", "-p", Port, "-e", "cat"));
        await Within.TwoSecondsAsync("a listener in the instance", async () =>
            (await lab.InAsync(guest, "busybox", "netstat", "-ltn")).Text.Contains($":{Port} ", StringComparison.Ordinal));
        return new TcpEcho(server, Shell.Start(lab.On("outside", "busybox", "nc", address, Port)));
    }

    /// <summary>Whether a line comes back.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            await _client.StandardInput.WriteLineAsync("still there?");
            await _client.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            var line = _client.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
            return await line.WaitAsync(TimeSpan.FromMilliseconds(700), TestContext.Current.CancellationToken) is not null;
        }
        catch (Exception error) when (error is TimeoutException or IOException or InvalidOperationException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in (Process[])[_client, _server])
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
