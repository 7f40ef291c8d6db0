using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>One request to the Identity API, with what its endpoints ask of it.</summary>
internal sealed record IdentityCall
{
    public required HttpContext Context { get; init; }

    /// <summary>Null without a good token.</summary>
    public required TokenHolder? Holder { get; init; }

    public string Server { get; private init; } = "";

    /// <summary>Where this API is: <c>http://…/identity/v3</c>.</summary>
    public string Root => $"{Server}/identity/v3";

    public CancellationToken Aborted => Context.RequestAborted;

    public static IdentityCall Of(HttpContext context, TokenHolder? holder) =>
        new() { Context = context, Holder = holder, Server = BaseUrl.Of(context) };

    /// <summary>The query's value, or null where it is not there or empty.</summary>
    public string? Query(string name) => Context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>Reads the body and hands its member of that name to <paramref name="handle"/>; answers 400 where it is not there.</summary>
    public async Task<Answer> WithBodyAsync(string member, Func<BodyFields, Task<Answer>> handle)
    {
        var read = await JsonBody.ReadAsync(Context).ConfigureAwait(false);
        if (!read.IsOk)
        {
            return Answers.Refused(read.Rejections);
        }

        using var document = read.Value;
        var root = new BodyFields(document.RootElement, "", []);
        var fields = root.Object(member);
        if (fields is null)
        {
            root.Refuse(member, "is required and must be an object");
            return Answers.Refused(root.Rejections);
        }

        return await handle(fields).ConfigureAwait(false);
    }

    /// <summary>A list of the members that <paramref name="write"/> puts.</summary>
    public Answer List<T>(string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        var self = Server + Context.Request.Path + Context.Request.QueryString;
        return Answer.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray(name);
            foreach (var item in items)
            {
                write(writer, item);
            }

            writer.WriteEndArray();
            writer.WriteStartObject("links");
            writer.WriteNull("next");
            writer.WriteString("self", self);
            writer.WriteNull("previous");
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    /// <summary>One thing under its name.</summary>
    public static Answer One<T>(string name, T item, Action<Utf8JsonWriter, T> write, int status = StatusCodes.Status200OK) => new(status, writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(name);
        write(writer, item);
        writer.WriteEndObject();
    });
}
