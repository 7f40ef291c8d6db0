using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Tapline.Server.Clouds;
using Tapline.Server.Http;

namespace Tapline.Server.Feed;

/// <summary>
/// What agents talk to: they register, wait for their slice to change, and report what they made of it. Served on a Unix socket
/// alone, to the server's own user and root, who may do all this anyway.
/// </summary>
internal sealed class HostFeed(Cloud cloud, TimeProvider time, CancellationToken stopping)
{
    /// <summary>Shorter than <see cref="HostLiveness.Limit"/>, so that a host that waits is alive.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, HostSlice> _slices = new();

    public async Task HandleAsync(HttpContext context)
    {
        var segments = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (context.Request.Method, segments)
        {
            case ("PUT", ["feed", "v1", "hosts", var host]):
                await (await RegisterAsync(context, host).ConfigureAwait(false)).WriteAsync(context).ConfigureAwait(false);
                break;
            case ("GET", ["feed", "v1", "hosts", var host, "slice"]):
                await PollAsync(context, host).ConfigureAwait(false);
                break;
            case ("POST", ["feed", "v1", "hosts", var host, "report"]):
                await (await ReportAsync(context, host).ConfigureAwait(false)).WriteAsync(context).ConfigureAwait(false);
                break;
            default:
                await Answer.Error(404, "There is no such path.").WriteAsync(context).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>The host's slice of that Topology or a newer one, with the revision at which it last changed.</summary>
    public Slice SliceOf(string host, Topology topology) => HostSliceOf(host).Of(topology);

    private HostSlice HostSliceOf(string host) =>
        _slices.GetOrAdd(host, static (name, storeId) => new HostSlice(name, storeId), cloud.StoreId);

    private async Task<Answer> RegisterAsync(HttpContext context, string name)
    {
        var read = await ReadAsync(context, ModelJson.Default.Host, name).ConfigureAwait(false);
        var result = read.IsOk
            ? await cloud.CommitAsync((topology, rule) => HostRules.Register(topology, read.Value, rule), context.RequestAborted)
                .ConfigureAwait(false)
            : read;
        if (result.IsOk)
        {
            cloud.Liveness.Saw(name);
        }

        return AnswerTo(result);
    }

    private async Task<Answer> ReportAsync(HttpContext context, string name)
    {
        var read = await ReadAsync(context, ModelJson.Default.HostReport, name).ConfigureAwait(false);
        var result = read.IsOk
            ? await cloud.CommitAsync((topology, rule) => HostRules.Report(topology, read.Value, rule), context.RequestAborted)
                .ConfigureAwait(false)
            : read;
        if (result.IsOk)
        {
            cloud.Liveness.Saw(name);
        }

        return AnswerTo(result);
    }

    private async Task PollAsync(HttpContext context, string host)
    {
        var query = context.Request.Query;
        var known = Parse(query["after"]) is { } after && query["store"] == cloud.StoreId ? new Revision((long)after) : (Revision?)null;
        var wait = TimeSpan.FromSeconds(Math.Clamp(Parse(query["wait"]) ?? 0, 0, LongestWait.TotalSeconds));
        if (!cloud.Current.Hosts.ContainsKey(host))
        {
            // An empty slice for a name with a typo would empty that host.
            await Answer.Error(404, $"The host '{host}' is not registered.").WriteAsync(context).ConfigureAwait(false);
            return;
        }

        cloud.Liveness.Saw(host);
        var slice = await WaitAsync(host, known, wait, context.RequestAborted).ConfigureAwait(false);
        cloud.Liveness.Saw(host);
        if (slice is null)
        {
            await Answer.NoContent.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var json = HostSliceOf(host).Json(slice);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The slice as soon as it is another than the known one; null after the wait.</summary>
    private async Task<Slice?> WaitAsync(string host, Revision? known, TimeSpan wait, CancellationToken aborted)
    {
        using var timeout = new CancellationTokenSource(wait, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted, stopping);
        var topology = cloud.Current;
        while (true)
        {
            var started = time.GetTimestamp();
            var slice = SliceOf(host, topology);
            if (slice.Revision != known)
            {
                return slice;
            }

            try
            {
                // Under a flood of changes that do not concern this host, looking takes a twentieth of a core and no more.
                await Task.Delay(20 * time.GetElapsedTime(started), time, end.Token).ConfigureAwait(false);
                topology = await cloud.ChangedSinceAsync(topology.Revision, end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static async Task<Result<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, string name)
        where T : Resource
    {
        var read = await JsonBody.ReadAsync(context).ConfigureAwait(false);
        if (!read.IsOk)
        {
            return Result<T>.Refused(read.Rejections);
        }

        using var document = read.Value;
        try
        {
            return document.Deserialize(type) is { } resource && resource.Name == name
                ? resource
                : Rejection.Invalid("name", "The body's name is not the path's.");
        }
        catch (JsonException e)
        {
            return Rejection.Invalid("body", e.Message);
        }
    }

    private static Answer AnswerTo<T>(Result<T> result)
    {
        if (result.IsOk)
        {
            return Answer.NoContent;
        }

        var status = result.Rejections[0].Kind == RejectionKind.NotFound ? 404 : 400;
        return Answer.Error(status, string.Join(" ", result.Rejections.Select(rejection => rejection.Message)));
    }

    private static double? Parse(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
