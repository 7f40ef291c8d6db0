using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Server.Networking;

/// <summary>The resources of one type under their path: list, show, create, update, delete.</summary>
internal abstract class Collection(string singular, string plural)
{
    public string Singular => singular;

    public string Plural => plural;

    /// <summary>In paths words are joined by hyphens, in JSON by underscores.</summary>
    public string Path { get; } = plural.Replace('_', '-');

    public abstract Func<string, Rejection> NotFound { get; }

    public Task HandleAsync(Call call) => call.Method switch
    {
        "GET" => ListAsync(call),
        "POST" => CreateAsync(call),
        _ => NeutronAnswer.WrongMethodAsync(call.Context),
    };

    public Task HandleAsync(Call call, string id) => call.Method switch
    {
        "GET" => ShowAsync(call, id),
        "PUT" => UpdateAsync(call, id),
        "DELETE" => DeleteAsync(call, id),
        _ => NeutronAnswer.WrongMethodAsync(call.Context),
    };

    /// <summary>The resource, where the caller may see it.</summary>
    public abstract Resource? Find(View view, string id);

    protected abstract Task ListAsync(Call call);

    protected abstract Task ShowAsync(Call call, string id);

    protected abstract Task CreateAsync(Call call);

    protected abstract Task UpdateAsync(Call call, string id);

    protected abstract Task DeleteAsync(Call call, string id);

    protected static Task CommittedAsync<T>(Call call, Result<T> result, Func<T, Task> answer) =>
        result.IsOk ? answer(result.Value) : NeutronAnswer.RefusedAsync(call.Context, result.Rejections);

    protected static string PageUrl(HttpRequest request, string? marker, bool backwards)
    {
        var query = request.Query
            .Where(pair => pair.Key is not ("marker" or "page_reverse"))
            .SelectMany(pair => pair.Value, (pair, value) => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value ?? "")}")
            .Concat(marker is null ? [] : [$"marker={marker}"])
            .Concat(backwards ? ["page_reverse=True"] : []);
        return $"{request.Scheme}://{request.Host}{request.PathBase}{request.Path}?{string.Join('&', query)}";
    }
}
