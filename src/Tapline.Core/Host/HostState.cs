using System.Collections.Immutable;
using System.Text;

namespace Tapline.Core.Host;

/// <summary>What a host is configured to be: items by key. Wanted (a plan's result) and seen are of this one type.</summary>
public sealed record HostState
{
    public static HostState Empty { get; } = new();

    /// <summary>Never changed. A plain dictionary while all was made at once, since that is filled and searched several times faster.</summary>
    public IReadOnlyDictionary<ItemKey, HostItem> Items { get; private init; } = ImmutableDictionary<ItemKey, HostItem>.Empty;

    public static HostState Of(IEnumerable<HostItem> items)
    {
        var byKey = new Dictionary<ItemKey, HostItem>(items.TryGetNonEnumeratedCount(out var count) ? count : 0);
        foreach (var item in items)
        {
            byKey[item.Key] = item;
        }

        return new HostState { Items = byKey };
    }

    public HostItem? Find(ItemKey key) => Items.GetValueOrDefault(key);

    public IEnumerable<T> OfType<T>()
        where T : HostItem => Items.Values.OfType<T>();

    public HostState Put(HostItem item) => this with { Items = Persistent.SetItem(item.Key, item) };

    public HostState Remove(params IEnumerable<ItemKey> keys) => this with { Items = Persistent.RemoveRange(keys) };

    /// <summary>So that many changes one by one cost a path each, and one copy in all.</summary>
    private ImmutableDictionary<ItemKey, HostItem> Persistent => Items.ToImmutableDictionary();

    /// <summary>A line an item, sorted: the form of golden files and of <c>tapline plan</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var item in Items.Values.OrderBy(item => item.Key))
        {
            text.AppendLine(HostText.Line(item));
        }

        return text.ToString();
    }
}
