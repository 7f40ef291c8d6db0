using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>The condition that a key was last modified at that revision; <see cref="Revision.None"/> asks that it does not exist.</summary>
public readonly record struct Compare(string Key, Revision Modified)
{
    public static Compare Absent(string key) => new(key, Revision.None);
}
