using System.Collections.Immutable;

namespace Tapline.Core.Primitives;

/// <summary>Keys with a set of values each; immutable, a change costs a path.</summary>
public sealed class MultiMap<TKey, TValue>
    where TKey : notnull
    where TValue : notnull
{
    private readonly ImmutableDictionary<TKey, ImmutableHashSet<TValue>> _sets;

    private MultiMap(ImmutableDictionary<TKey, ImmutableHashSet<TValue>> sets) => _sets = sets;

    public static MultiMap<TKey, TValue> Empty { get; } = new(ImmutableDictionary<TKey, ImmutableHashSet<TValue>>.Empty);

    /// <summary>The values of that key, none where it is not there.</summary>
    public ImmutableHashSet<TValue> Get(TKey key) => _sets.GetValueOrDefault(key, []);

    public MultiMap<TKey, TValue> Add(TKey key, TValue value) => new(_sets.SetItem(key, Get(key).Add(value)));

    public MultiMap<TKey, TValue> Remove(TKey key, TValue value)
    {
        var rest = Get(key).Remove(value);
        return new(rest.IsEmpty ? _sets.Remove(key) : _sets.SetItem(key, rest));
    }

    internal MultiMap<TKey, TValue> Change(TKey key, TValue value, bool add) => add ? Add(key, value) : Remove(key, value);
}
