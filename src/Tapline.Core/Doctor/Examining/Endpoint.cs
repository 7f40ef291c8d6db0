using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>One side of what is asked about.</summary>
/// <param name="Text">As the user named it.</param>
/// <param name="Guest">The VIF, where it is one of this host's.</param>
/// <param name="Address">The address to send from or to: a guest's fixed one, a floating one, any other.</param>
public sealed record Endpoint(string Text, GuestFacts? Guest, IpAddress Address);
