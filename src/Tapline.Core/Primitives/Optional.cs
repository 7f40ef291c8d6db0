using System.Diagnostics.CodeAnalysis;

namespace Tapline.Core.Primitives;

/// <summary>An attribute of a request: given (also as null, where <typeparamref name="T"/> allows it) or left out.</summary>
public readonly record struct Optional<T>
{
    private readonly T? _value;

    public Optional(T value)
    {
        _value = value;
        IsSet = true;
    }

    public bool IsSet { get; }

    /// <summary>The value where it was given.</summary>
    public bool Is([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return IsSet;
    }

    /// <summary>The value, or what stands for one that was left out.</summary>
    public T Or(T otherwise) => IsSet ? _value! : otherwise;

    public static implicit operator Optional<T>(T value) => new(value);
}
