namespace Tapline.Core.Doctor.Tracing;

/// <summary>One way that (a copy of) a packet took, and its end.</summary>
public sealed record Branch(Trail? Trail, End End)
{
    public IReadOnlyList<Hop> Hops => Trail is null ? [] : Trail.Hops();
}

/// <summary>Hops so far, shared by branches that part later.</summary>
public sealed record Trail(Hop Hop, Trail? Before)
{
    public int Length { get; } = (Before?.Length ?? 0) + 1;

    public IReadOnlyList<Hop> Hops()
    {
        var hops = new List<Hop>();
        for (var at = this; at is not null; at = at.Before)
        {
            hops.Add(at.Hop);
        }

        hops.Reverse();
        return hops;
    }
}
