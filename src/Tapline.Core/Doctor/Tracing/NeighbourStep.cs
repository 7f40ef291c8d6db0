namespace Tapline.Core.Doctor.Tracing;

/// <summary>A packet that waits for its neighbour's hardware address.</summary>
internal static class NeighbourStep
{
    /// <summary>Any address of nobody: beyond the host it makes no difference.</summary>
    internal static readonly Primitives.MacAddress Outside = Primitives.MacAddress.Parse("02:00:00:00:00:fe");

    public static Step Take(World world, Position.ToNeighbour at, Neighbourhood found)
    {
        var hop = Hops.At(world, at);
        var own = world.Link(at.Namespace, at.Device);
        if (found.NeedsNone || found.Mac is not null || (found.IsOutside && !ResolutionFaults.IsInside(world, found)))
        {
            if (found.Mac is null && !found.NeedsNone && ResolutionFaults.Silent(world, found) is { } silent)
            {
                return Step.Lost(hop, silent);
            }

            var sent = at.Packet with { EtherSource = own?.Mac ?? default, EtherDestination = found.Mac ?? Outside };
            return new Step([], [new Onward([], new Position.Leaving(at.Namespace, at.Device, sent))], []);
        }

        var unsure = found.Requests.Concat(found.Replies).Select(branch => branch.End).OfType<End.Unsure>().FirstOrDefault();
        return unsure is not null && found.IsUnsure ? Step.Unsure(hop, unsure.Missing) : Step.Lost(hop, StrayRoutes.Misleads(world.Namespace(at.Namespace), at.Packet) ?? ResolutionFaults.Of(world, found));
    }
}
