using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tapline.Core.Primitives;

namespace Tapline.Server.Networking;

/// <summary>What a list request asks for besides its filters: order, page, attributes.</summary>
internal sealed record ListQuery
{
    private static readonly HashSet<string> Reserved = ["fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"];

    public required IReadOnlyList<(string Name, StringValues Values)> Filters { get; init; }

    /// <summary>Null: all that are visible.</summary>
    public required HashSet<string>? Fields { get; init; }

    public required IReadOnlyList<(string Key, bool Descending)> Order { get; init; }

    /// <summary>0: no limit.</summary>
    public required int Limit { get; init; }

    public required string? Marker { get; init; }

    public required bool Backwards { get; init; }

    public static ListQuery From(IQueryCollection query, Reading reading) => new()
    {
        Filters = [.. query.Where(pair => !Reserved.Contains(pair.Key)).Select(pair => (pair.Key, pair.Value))],
        Fields = FieldsOf(query),
        Order = OrderOf(query, reading),
        Limit = LimitOf(query, reading),
        Marker = query["marker"].FirstOrDefault(marker => marker is { Length: > 0 }),
        Backwards = string.Equals(query["page_reverse"].FirstOrDefault(), "true", StringComparison.OrdinalIgnoreCase),
    };

    public static HashSet<string>? FieldsOf(IQueryCollection query)
    {
        var fields = query["fields"].OfType<string>().Where(field => field.Length > 0).ToHashSet();
        return fields.Count > 0 ? fields : null;
    }

    /// <summary>The page that is asked for; a marker that is not in the list is answered by <paramref name="notFound"/>.</summary>
    public Result<ArraySegment<T>> PageOf<T>(T[] sorted, Func<T, string> idOf, Func<string, Rejection> notFound)
    {
        var (start, end) = (0, sorted.Length);
        if (Marker is { } marker)
        {
            var at = Array.FindIndex(sorted, item => idOf(item) == marker);
            if (at < 0)
            {
                return notFound(marker);
            }

            (start, end) = Backwards ? (0, at) : (at + 1, sorted.Length);
        }

        if (Limit > 0 && end - start > Limit)
        {
            (start, end) = Backwards ? (end - Limit, end) : (start, start + Limit);
        }

        return new ArraySegment<T>(sorted, start, end - start);
    }

    private static List<(string, bool)> OrderOf(IQueryCollection query, Reading reading)
    {
        var keys = query["sort_key"];
        var directions = query["sort_dir"];
        if (directions.Count > 0 && directions.Count != keys.Count)
        {
            reading.RefuseBody("sort_dir", "The number of sort_keys and sort_dirs must be same");
            return [];
        }

        var order = new List<(string, bool)>();
        for (var i = 0; i < keys.Count; i++)
        {
            var direction = directions.Count > i ? directions[i] : "asc";
            if (direction is not ("asc" or "desc"))
            {
                reading.RefuseBody("sort_dir", $"'{direction}' is an invalid value for sort_dirs; valid values are: 'asc' and 'desc'");
            }

            order.Add((keys[i] ?? "", direction == "desc"));
        }

        return order;
    }

    private static int LimitOf(IQueryCollection query, Reading reading)
    {
        if (query["limit"].FirstOrDefault() is not { Length: > 0 } text)
        {
            return 0;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
        {
            reading.RefuseBody("limit", $"Limit must be an integer 0 or greater and not '{text}'");
        }

        return limit;
    }
}
