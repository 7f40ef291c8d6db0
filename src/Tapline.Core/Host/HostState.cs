using System.Collections.Immutable;
using System.Text;

namespace Tapline.Core.Host;

/// <summary>What a host is configured to be: items by key. Wanted (a plan's result) and seen are of this one type.</summary>
public sealed record HostState
{
    public static HostState Empty { get; } = new();

    public ImmutableDictionary<ItemKey, HostItem> Items { get; init; } = ImmutableDictionary<ItemKey, HostItem>.Empty;

    public static HostState Of(IEnumerable<HostItem> items)
    {
        var builder = ImmutableDictionary.CreateBuilder<ItemKey, HostItem>();
        foreach (var item in items)
        {
            builder[item.Key] = item;
        }

        return new HostState { Items = builder.ToImmutable() };
    }

    public HostItem? Find(ItemKey key) => Items.GetValueOrDefault(key);

    public IEnumerable<T> OfType<T>()
        where T : HostItem => Items.Values.OfType<T>();

    public HostState Put(HostItem item) => this with { Items = Items.SetItem(item.Key, item) };

    public HostState Remove(ItemKey key) => this with { Items = Items.Remove(key) };

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
