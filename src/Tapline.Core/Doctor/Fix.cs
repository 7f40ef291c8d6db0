using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor;

/// <summary>What mends a fault.</summary>
/// <param name="Where">Where the commands are to be run.</param>
/// <param name="Commands"><c>sh -c</c> strings, in this order; where on the host, as root in its root namespace.</param>
/// <param name="Explanation">Why they mend it, and what to mind.</param>
public sealed record Fix(FixPlace Where, ValueList<string> Commands, string Explanation);

/// <summary>Who has to mend it.</summary>
public enum FixPlace
{
    Host,
    Guest,
    Outside,
    Api,
}
