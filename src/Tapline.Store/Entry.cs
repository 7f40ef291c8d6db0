using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>A key with its value.</summary>
/// <param name="Key">Compared byte by byte.</param>
/// <param name="Value">Whatever its writer put.</param>
/// <param name="Created">The revision that made the key exist.</param>
/// <param name="Modified">The revision of the last put: what a <see cref="Compare"/> looks at.</param>
public sealed record Entry(string Key, ReadOnlyMemory<byte> Value, Revision Created, Revision Modified);
