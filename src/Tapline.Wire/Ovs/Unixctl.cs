using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tapline.Wire.Ovs;

/// <summary>What ovs-appctl does, without a process: one command to an Open vSwitch program's control socket.</summary>
public static class Unixctl
{
    /// <summary>The command's text answer ("ofproto/trace", "fdb/show", "bridge/dump-flows" …).</summary>
    public static async Task<string> CallAsync(
        string socketPath, string method, IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(args);
        var attempted = $"{method} {string.Join(' ', args)}".TrimEnd() + $" by {socketPath}";
        try
        {
            using var stream = await JsonStream.ConnectAsync(socketPath, cancellationToken);
            var parameters = new JsonArray([.. args.Select(arg => (JsonNode)arg)]);
            await stream.SendAsync(new JsonObject { ["id"] = 0, ["method"] = method, ["params"] = parameters }, cancellationToken);
            var answer = await stream.ReceiveAsync(cancellationToken)
                ?? throw new UnixctlException(attempted, "the connection ended without an answer");
            return answer.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null
                ? throw new UnixctlException(attempted, error.ToString().Trim())
                : answer.GetProperty("result").ToString();
        }
        catch (SocketException e)
        {
            throw new UnixctlException(attempted, e.Message);
        }
    }

    /// <inheritdoc cref="CallAsync(string, string, IReadOnlyList{string}, CancellationToken)"/>
    public static Task<string> CallAsync(string socketPath, string method, params string[] args) =>
        CallAsync(socketPath, method, args, CancellationToken.None);

    /// <summary>The control socket of a program by the pid file in its run directory; null if it is not (or no longer) there.</summary>
    public static string? Find(string runDirectory, string program = "ovs-vswitchd")
    {
        try
        {
            var pid = File.ReadAllText(Path.Combine(runDirectory, program + ".pid")).Trim();
            var socket = Path.Combine(runDirectory, $"{program}.{pid}.ctl");
            return File.Exists(socket) ? socket : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
