using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining.Suspecting;

/// <summary>Something of the host that could be otherwise.</summary>
/// <param name="Otherwise">The host as it would be then.</param>
/// <param name="Fault">What is wrong, if it is this; its mend brings that about.</param>
internal sealed record Suspect(Func<World> Otherwise, Fault Fault);
