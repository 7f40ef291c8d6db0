using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Tapline.Wire.Ovs;

/// <summary>
/// A connection to ovsdb-server (RFC 7047) over its Unix socket. Answers the server's echo; requests may overlap. It does not
/// reconnect: whoever holds it sees <see cref="Closed"/> and opens a new one, for the monitored state must be read anew.
/// </summary>
public sealed class OvsdbClient : IAsyncDisposable
{
    /// <summary>The database that vswitchd follows.</summary>
    public const string Database = "Open_vSwitch";

    private readonly JsonStream _stream;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly ConcurrentDictionary<long, Channel<OvsdbUpdate>> _monitors = new();
    private readonly CancellationTokenSource _stop = new();
    private long _lastId;
    private volatile bool _isClosed;

    private OvsdbClient(JsonStream stream)
    {
        _stream = stream;
        Closed = ReadAsync();
    }

    /// <summary>Completes, never faulted, when the connection has ended from either side.</summary>
    public Task Closed { get; }

    public static async Task<OvsdbClient> ConnectAsync(string socketPath, CancellationToken cancellationToken)
    {
        try
        {
            return new OvsdbClient(await JsonStream.ConnectAsync(socketPath, cancellationToken));
        }
        catch (SocketException e)
        {
            throw new OvsdbException($"connect to {socketPath}", e.Message, null);
        }
    }

    /// <summary>Runs operations on <see cref="Database"/> as one transaction; the results in order, or the first error thrown.</summary>
    public async Task<JsonElement> TransactAsync(JsonArray operations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var parameters = new JsonArray((JsonNode)Database);
        foreach (var operation in operations)
        {
            parameters.Add(operation?.DeepClone());
        }

        var results = await RequestAsync("transact", parameters, cancellationToken);
        ThrowIfAnyFailed(results, operations);
        return results;
    }

    /// <inheritdoc cref="TransactAsync(JsonArray, CancellationToken)"/>
    public Task<JsonElement> TransactAsync(string operationsJson, CancellationToken cancellationToken) =>
        TransactAsync(JsonNode.Parse(operationsJson)?.AsArray() ?? new JsonArray(), cancellationToken);

    /// <summary>Begins to monitor; <paramref name="requests"/> is RFC 7047's monitor-requests: table → columns and select.</summary>
    public async Task<OvsdbMonitor> MonitorAsync(string database, JsonObject requests, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var updates = Channel.CreateUnbounded<OvsdbUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        _monitors[id] = updates; // before the request: the first update may follow the answer at once
        try
        {
            var initial = await RequestAsync("monitor", new JsonArray(database, id, requests), cancellationToken);
            return new OvsdbMonitor(initial, updates.Reader);
        }
        catch
        {
            _monitors.TryRemove(id, out _);
            throw;
        }
    }

    /// <summary>Any request of the protocol ("list_dbs", "get_schema" …).</summary>
    public async Task<JsonElement> RequestAsync(string method, JsonArray parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            await _stream.SendAsync(new JsonObject { ["method"] = method, ["params"] = parameters, ["id"] = id }, cancellationToken);
            if (_isClosed)
            {
                throw Ended(); // the reader may have ended before it could see this request
            }

            var message = await answer.Task.WaitAsync(cancellationToken);
            return message.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null
                ? throw new OvsdbException($"OVSDB {method}", ErrorName(error), Details(error))
                : message.GetProperty("result");
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new OvsdbException($"OVSDB {method}", e.Message, null);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Closed;
    }

    private static OvsdbException Ended() => new("OVSDB", "the connection has ended", null);

    private static void ThrowIfAnyFailed(JsonElement results, JsonArray operations)
    {
        // An error at commit comes as one element more than there are operations; after a failed one come nulls.
        var i = 0;
        foreach (var result in results.EnumerateArray())
        {
            if (result.ValueKind == JsonValueKind.Object && result.TryGetProperty("error", out _))
            {
                var tried = i < operations.Count ? operations[i]?.ToJsonString() : $"commit of {operations.Count} operations";
                throw new OvsdbException($"OVSDB transact: {tried}", ErrorName(result), Details(result));
            }

            i++;
        }
    }

    private static string ErrorName(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("error", out var name) ? name.ToString() : error.ToString();

    private static string? Details(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("details", out var details) ? details.ToString() : null;

    private async Task ReadAsync()
    {
        await Task.Yield(); // the constructor goes on
        try
        {
            while (await _stream.ReceiveAsync(_stop.Token) is { } message)
            {
                await HandleAsync(message);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Ended from one side or the other; those who wait are told below.
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Not the protocol: nothing after it can be trusted, so the connection ends here.
        }

        _isClosed = true;
        _stream.Dispose();
        foreach (var pending in _pending.Values)
        {
            pending.TrySetException(Ended());
        }

        foreach (var monitor in _monitors.Values)
        {
            monitor.Writer.TryComplete();
        }
    }

    private async Task HandleAsync(JsonElement message)
    {
        if (!message.TryGetProperty("method", out var method) || method.ValueKind != JsonValueKind.String)
        {
            if (message.GetProperty("id") is { ValueKind: JsonValueKind.Number } id && _pending.TryGetValue(id.GetInt64(), out var answer))
            {
                answer.TrySetResult(message);
            }

            return;
        }

        var parameters = message.GetProperty("params");
        switch (method.GetString())
        {
            case "echo":
                var reply = new JsonObject
                {
                    ["id"] = JsonNode.Parse(message.GetProperty("id").GetRawText()),
                    ["result"] = JsonNode.Parse(parameters.GetRawText()),
                    ["error"] = null,
                };
                await _stream.SendAsync(reply, _stop.Token);
                break;
            case "update"
                when parameters[0] is { ValueKind: JsonValueKind.Number } id && _monitors.TryGetValue(id.GetInt64(), out var monitor):
                monitor.Writer.TryWrite(new OvsdbUpdate(parameters[1]));
                break;
        }
    }
}
