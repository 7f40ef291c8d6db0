using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What one station makes of a packet: hops passed, and where copies of it go on or end.</summary>
/// <param name="Hops">Stations passed, in order.</param>
/// <param name="Onward">Where it is next; several where it is flooded.</param>
/// <param name="Ends">Where it, or a copy, ends.</param>
public sealed record Step(ValueList<Hop> Hops, ValueList<Onward> Onward, ValueList<Ending> Ends)
{
    public static Step To(Hop hop, Position next) => new([hop], [new Onward([], next)], []);

    public static Step Stop(Hop hop, End end) => new([hop], [], [new Ending([], end)]);

    public static Step Lost(Hop hop, Fault fault) => Stop(hop with { State = HopState.Drop, Detail = fault.Summary }, new End.Lost(fault));

    public static Step Unsure(Hop hop, string missing) =>
        Stop(hop with { State = HopState.Unknown, Detail = missing }, new End.Unsure(hop.Namespace, hop.Device, missing));
}

/// <summary>A copy that goes on, with hops of its own.</summary>
public sealed record Onward(ValueList<Hop> Hops, Position Next);

/// <summary>A copy that ends, with hops of its own.</summary>
public sealed record Ending(ValueList<Hop> Hops, End End);
