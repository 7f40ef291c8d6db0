using System.Collections.Immutable;

namespace Tapline.Core.Primitives;

/// <summary>A value, or every reason why there is none.</summary>
public readonly record struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, ImmutableArray<Rejection> rejections)
    {
        _value = value;
        Rejections = rejections;
    }

    public ImmutableArray<Rejection> Rejections { get; }

    public bool IsOk => Rejections.IsDefaultOrEmpty;

    /// <summary>The value; asking a refused result for it is a bug.</summary>
    public T Value => IsOk ? _value! : throw new InvalidOperationException(string.Join("; ", Rejections));

    public static Result<T> Ok(T value) => new(value, []);

    public static Result<T> Refused(params IEnumerable<Rejection> rejections)
    {
        var all = rejections.ToImmutableArray();
        ArgumentOutOfRangeException.ThrowIfZero(all.Length);
        return new Result<T>(default, all);
    }

    public static implicit operator Result<T>(T value) => Ok(value);

    public static implicit operator Result<T>(Rejection rejection) => Refused(rejection);
}
