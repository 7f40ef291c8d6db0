using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Tapline.Labs;

/// <summary>One request, one answer, a line of JSON each, over a Unix socket in the lab's directory.</summary>
internal static class LabControl
{
    public static async Task<JsonObject> AskAsync(string path, JsonObject request, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        using var reader = new StreamReader(stream);
        await writer.WriteLineAsync(request.ToJsonString().AsMemory(), cancellationToken).ConfigureAwait(false);
        var line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw new IOException("the lab closed the connection");
        var answer = JsonNode.Parse(line)!.AsObject();
        return (string?)answer["error"] is { } error ? throw new CommandException(error) : answer;
    }

    public static async Task ServeAsync(
        string path, Func<JsonObject, CancellationToken, Task<JsonObject>> answer, CancellationToken cancellationToken)
    {
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(16);
        while (true)
        {
            var socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            _ = ServeOneAsync(socket, answer, cancellationToken);
        }
    }

    private static async Task ServeOneAsync(
        Socket socket, Func<JsonObject, CancellationToken, Task<JsonObject>> answer, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream);
            await using var writer = new StreamWriter(stream) { AutoFlush = true };
            if (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is not { } line)
            {
                return;
            }

            JsonObject reply;
            try
            {
                reply = await answer(JsonNode.Parse(line)!.AsObject(), cancellationToken).ConfigureAwait(false);
            }
            catch (CommandException error)
            {
                reply = new JsonObject { ["error"] = error.Message };
            }

            await writer.WriteLineAsync(reply.ToJsonString().AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The asker went away.
        }
    }
}
