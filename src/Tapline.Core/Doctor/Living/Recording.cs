using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>What was seen while a probe was sent.</summary>
public sealed record Recording
{
    /// <summary>Packets of the probe that were given to the sender's device.</summary>
    public required int Sent { get; init; }

    /// <summary>Those whose answer came to the sender itself, through its own firewall where it has one.</summary>
    public required int Answered { get; init; }

    /// <summary>In the order of time.</summary>
    public required ValueList<Sighting> Sightings { get; init; }

    public ValueList<KernelDrop> Drops { get; init; }

    public ValueList<RuleDrop> Rules { get; init; }

    /// <summary>What could not be looked at.</summary>
    public ValueList<string> Notes { get; init; }

    public IEnumerable<Sighting> Of(Leg leg) => Sightings.Where(sighting => sighting.Leg == leg);

    /// <summary>What answers count as: an answer, or a refusal by whom it was for.</summary>
    public IEnumerable<Sighting> Replies => Sightings.Where(sighting => sighting.Leg is Leg.Reply or Leg.Refusal);
}
