namespace Tapline.Store;

/// <summary>A key was put, or deleted where <paramref name="Entry"/> is null.</summary>
public sealed record Event(string Key, Entry? Entry);
