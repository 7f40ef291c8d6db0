using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Networking;

/// <summary>A collection told by its table of attributes and its rules; there is no other code for a resource than these.</summary>
internal sealed class ResourceCollection<TResource, TRequest>(
    string singular, string plural, ImmutableArray<Attribute<TResource, TRequest>> attributes) : Collection(singular, plural)
    where TResource : Resource
    where TRequest : new()
{
    private readonly FrozenDictionary<string, Attribute<TResource, TRequest>> _byName =
        attributes.ToFrozenDictionary(attribute => attribute.Name);

    private readonly ResourceReader<TResource, TRequest> _reader = new(singular, plural, attributes);

    /// <summary>The resource of that id, seen or not.</summary>
    public required Func<Topology, string, TResource?> Get { get; init; }

    /// <summary>What the scope may see; other resources may be among it.</summary>
    public required Func<Topology, Scope, IEnumerable<TResource>> Candidates { get; init; }

    /// <summary>Fewer candidates for a filter that there is an index for; null where there is none.</summary>
    public Func<Topology, string, string, IEnumerable<TResource>?> Indexed { get; init; } = (_, _, _) => null;

    public required Func<string, Rejection> Missing { get; init; }

    public required Func<Draft, TRequest, TResource?> Create { get; init; }

    /// <summary>Null where such resources are never changed.</summary>
    public Func<Draft, string, TRequest, TResource?>? Update { get; init; }

    public required Func<Draft, string, TResource?> Delete { get; init; }

    /// <summary>What must be there before a list is answered (a project's default security group).</summary>
    public Func<Call, Task> BeforeList { get; init; } = _ => Task.CompletedTask;

    /// <summary>Reads such a resource inside of another's body.</summary>
    public Reader<TRequest> Nested => _reader.Nested;

    public override Func<string, Rejection> NotFound => Missing;

    public override Resource? Find(View view, string id) =>
        Get(view.Topology, id) is { } resource && view.Scope.Sees(view.Topology, resource) ? resource : null;

    protected override async Task ListAsync(Call call)
    {
        await BeforeList(call);
        var reading = new Reading();
        var query = ListQuery.From(call.Context.Request.Query, reading);
        foreach (var (key, _) in query.Order.Where(order => SortableBy(order.Key, call.Scope) is null))
        {
            reading.RefuseBody("sort_key", $"'{key}' is an invalid attribute for sort keys");
        }

        if (reading.Rejections.Count > 0)
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
            return;
        }

        var view = call.View();
        var sorted = Filtered(view, query).ToArray();
        Array.Sort(sorted, (left, right) => Compare(view, query, left, right));
        var page = query.PageOf(sorted, resource => resource.Key.Id, Missing);
        await CommittedAsync(call, page, found => NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            WriteAll(json, view, found, query.Fields);
            WriteLinks(json, call.Context.Request, query, found);
            json.WriteEndObject();
        }));
    }

    protected override Task ShowAsync(Call call, string id)
    {
        var view = call.View();
        return Find(view, id) is TResource resource
            ? AnswerAsync(call, StatusCodes.Status200OK, resource, ListQuery.FieldsOf(call.Context.Request.Query))
            : NeutronAnswer.RefusedAsync(call.Context, [Missing(id)]);
    }

    protected override async Task CreateAsync(Call call)
    {
        using var body = await RequestBody.ReadAsync(call.Context);
        if (body is null)
        {
            return;
        }

        var reading = new Reading();
        var requests = _reader.Requests(body.RootElement, reading, On.Post, out var isBulk);
        if (reading.Rejections.Count > 0)
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
            return;
        }

        var result = await call.CommitAsync(draft => All(requests.Select(request => Create(draft, request)).ToList()));
        await CommittedAsync(call, result, made => isBulk
            ? NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status201Created, json =>
            {
                json.WriteStartObject();
                WriteAll(json, call.View(), made, null);
                json.WriteEndObject();
            })
            : AnswerAsync(call, StatusCodes.Status201Created, made[0], null));
    }

    protected override async Task UpdateAsync(Call call, string id)
    {
        if (Update is null)
        {
            await NeutronAnswer.WrongMethodAsync(call.Context);
            return;
        }

        using var body = await RequestBody.ReadAsync(call.Context);
        if (body is null)
        {
            return;
        }

        var reading = new Reading();
        var requests = _reader.Requests(body.RootElement, reading, On.Put, out _);
        var revision = IfMatch.RevisionOf(call.Context.Request, reading);
        if (reading.Rejections.Count > 0)
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
            return;
        }

        var result = await call.CommitAsync(draft => IfThere(draft, id, revision, () => Update(draft, id, requests[0])));
        await CommittedAsync(call, result, changed => AnswerAsync(call, StatusCodes.Status200OK, changed, null));
    }

    protected override async Task DeleteAsync(Call call, string id)
    {
        var reading = new Reading();
        var revision = IfMatch.RevisionOf(call.Context.Request, reading);
        if (reading.Rejections.Count > 0)
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
            return;
        }

        var result = await call.CommitAsync(draft => IfThere(draft, id, revision, () => Delete(draft, id)));
        await CommittedAsync(call, result, _ => NeutronAnswer.NothingAsync(call.Context));
    }

    /// <summary>An id in the path may be any text.</summary>
    private TResource? IfThere(Draft draft, string id, long? revision, Func<TResource?> rule)
    {
        if (Get(draft.Topology, id) is not { } resource)
        {
            draft.Reject(Missing(id));
            return null;
        }

        if (revision is { } wanted && wanted != resource.RevisionNumber && draft.Scope.Owns(resource))
        {
            draft.Reject(IfMatch.Failed(wanted, resource.RevisionNumber));
            return null;
        }

        return rule();
    }

    private static List<TResource>? All(List<TResource?> made) => made.Contains(null) ? null : [.. made.OfType<TResource>()];

    private Attribute<TResource, TRequest>? SortableBy(string name, Scope scope) =>
        _byName.TryGetValue(name, out var attribute) && attribute.SortKey is not null && IsFor(scope, attribute) ? attribute : null;

    private static bool IsFor(Scope scope, Attribute<TResource, TRequest> attribute) => scope.IsAdmin || !attribute.AdminOnly;

    /// <summary>Filters by names that there are not are ignored, as in Neutron without filter-validation.</summary>
    private IEnumerable<TResource> Filtered(View view, ListQuery query)
    {
        IEnumerable<TResource>? found = null;
        var filters = new List<(Attribute<TResource, TRequest> Attribute, Microsoft.Extensions.Primitives.StringValues Values)>();
        foreach (var (name, values) in query.Filters)
        {
            if (!_byName.TryGetValue(name, out var attribute) || attribute.Matches is null || !IsFor(view.Scope, attribute))
            {
                continue;
            }

            filters.Add((attribute, values));
            found ??= name == "id" ? values.Select(id => Get(view.Topology, id ?? "")).OfType<TResource>().Distinct()
                : values.Count == 1 ? Indexed(view.Topology, name, values[0] ?? "")
                : null;
        }

        return (found ?? Candidates(view.Topology, view.Scope)).Where(resource => view.Scope.Sees(view.Topology, resource)
            && filters.TrueForAll(filter => filter.Attribute.Matches!(view, resource, filter.Values)));
    }

    /// <summary>By what was asked for, then by age, then by id: paging needs a whole order.</summary>
    private int Compare(View view, ListQuery query, TResource left, TResource right)
    {
        foreach (var (key, descending) in query.Order)
        {
            var sortKey = _byName[key].SortKey!;
            var order = Comparer<IComparable?>.Default.Compare(sortKey(view, left), sortKey(view, right));
            if (order != 0)
            {
                return descending ? -order : order;
            }
        }

        var age = left.CreatedAt.CompareTo(right.CreatedAt);
        return age != 0 ? age : string.CompareOrdinal(left.Key.Id, right.Key.Id);
    }

    private Task AnswerAsync(Call call, int status, TResource resource, HashSet<string>? fields) =>
        NeutronAnswer.JsonAsync(call.Context, status, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName(Singular);
            Write(json, call.View(), resource, fields);
            json.WriteEndObject();
        });

    private void WriteAll(Utf8JsonWriter json, View view, IEnumerable<TResource> resources, HashSet<string>? fields)
    {
        json.WriteStartArray(Plural);
        foreach (var resource in resources)
        {
            Write(json, view, resource, fields);
        }

        json.WriteEndArray();
    }

    public void Write(Utf8JsonWriter json, View view, TResource resource, HashSet<string>? fields)
    {
        json.WriteStartObject();
        foreach (var attribute in attributes)
        {
            if (attribute.Write is { } write && IsFor(view.Scope, attribute) && fields?.Contains(attribute.Name) != false)
            {
                json.WritePropertyName(attribute.EncodedName);
                write(json, view, resource);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>As in Neutron: a full page may have others before and after it, a short one is the last in its direction.</summary>
    private void WriteLinks(Utf8JsonWriter json, HttpRequest request, ListQuery query, ArraySegment<TResource> page)
    {
        if (query.Limit == 0)
        {
            return;
        }

        var isLast = page.Count < query.Limit;
        json.WriteStartArray($"{Plural}_links");
        if (!isLast || query.Backwards)
        {
            WriteLink(json, "next", PageUrl(request, page.LastOrDefault()?.Key.Id, backwards: false));
        }

        if (!isLast || !query.Backwards)
        {
            WriteLink(json, "previous", PageUrl(request, page.FirstOrDefault()?.Key.Id, backwards: true));
        }

        json.WriteEndArray();
    }

    private static void WriteLink(Utf8JsonWriter json, string rel, string href)
    {
        json.WriteStartObject();
        json.WriteString("rel", rel);
        json.WriteString("href", href);
        json.WriteEndObject();
    }
}
