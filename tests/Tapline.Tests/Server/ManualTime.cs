namespace Tapline.Tests.Server;

/// <summary>A clock that is moved by hand; its timers run as the system's do.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _offset;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
}
