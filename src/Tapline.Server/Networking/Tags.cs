using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/{resources}/{id}/tags[/{tag}]</c>, the same for every resource.</summary>
internal static class Tags
{
    public static Task HandleAsync(Call call, Collection collection, string id, string[] path)
    {
        if (collection.Find(call.View(), id) is not { } resource)
        {
            return NeutronAnswer.RefusedAsync(call.Context, [collection.NotFound(id)]);
        }

        return (call.Method, path) switch
        {
            ("GET", []) => WriteAsync(call.Context, resource.Tags),
            ("PUT", []) => ReplaceAsync(call, collection, id, adding: false),
            ("POST", []) => ReplaceAsync(call, collection, id, adding: true),
            ("DELETE", []) => ChangeAsync(call, collection, id, (_, _) => [], NeutronAnswer.NothingAsync),
            ("GET", [var tag]) => resource.Tags.Contains(tag) ? NeutronAnswer.NothingAsync(call.Context) : NoTagAsync(call, id, tag),
            ("PUT", [var tag]) => ChangeAsync(call, collection, id, (_, tags) => [.. tags, tag], Created),
            ("DELETE", [var tag]) when !resource.Tags.Contains(tag) => NoTagAsync(call, id, tag),
            ("DELETE", [var tag]) =>
                ChangeAsync(call, collection, id, (_, tags) => tags.Where(other => other != tag).ToValueList(), NeutronAnswer.NothingAsync),
            (_, [] or [_]) => NeutronAnswer.WrongMethodAsync(call.Context),
            _ => NeutronAnswer.NoSuchPathAsync(call.Context),
        };
    }

    private static async Task ReplaceAsync(Call call, Collection collection, string id, bool adding)
    {
        using var body = await RequestBody.ReadAsync(call.Context);
        if (body is null)
        {
            return;
        }

        var reading = new Reading { Attribute = "tags" };
        if (!Read.IsObject(body.RootElement, reading, "tags")
            || !Read.Member(body.RootElement, "tags", reading, Read.List(Read.Text(TagRules.Longest)), out var given))
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
            return;
        }

        await ChangeAsync(call, collection, id, (_, tags) => adding ? [.. tags, .. given] : given,
            context => adding ? Created(context) : WriteAsync(context, collection.Find(call.View(), id)?.Tags ?? []));
    }

    private static async Task ChangeAsync(Call call, Collection collection, string id,
        Func<Draft, ValueList<string>, ValueList<string>> change, Func<HttpContext, Task> answer)
    {
        var result = await call.CommitAsync(draft =>
        {
            var resource = collection.Find(new View(draft.Topology, draft.Scope), id);
            if (resource is null)
            {
                draft.Reject(collection.NotFound(id));
                return null;
            }

            return TagRules.Set(draft, resource, change(draft, resource.Tags), $"update_{collection.Singular}:tags");
        });
        await (result.IsOk ? answer(call.Context) : NeutronAnswer.RefusedAsync(call.Context, result.Rejections));
    }

    private static Task WriteAsync(HttpContext context, ValueList<string> tags) =>
        NeutronAnswer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tags");
            foreach (var tag in tags)
            {
                json.WriteStringValue(tag);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static Task Created(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status201Created;
        return Task.CompletedTask;
    }

    private static Task NoTagAsync(Call call, string id, string tag) => NeutronAnswer.RefusedAsync(call.Context,
        [Rejection.NotFound("TagNotFound", $"Tag {tag} could not be found on resource {id}.")]);
}
