using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>One thing about a device, as it should be and as it is, in the same words.</summary>
/// <param name="Should">Null where nothing on the host tells.</param>
/// <param name="Is">As it was read.</param>
public sealed record Aspect(string? Should, string Is)
{
    public bool Deviates => Should is not null && Should != Is;

    public static string? ShouldOf(ValueList<Aspect> aspects) => aspects.Any(aspect => aspect.Should is not null)
        ? string.Join(", ", aspects.Select(aspect => aspect.Should).OfType<string>().Where(text => text.Length > 0))
        : null;

    public static string IsOf(ValueList<Aspect> aspects) => string.Join(", ", aspects.Select(aspect => aspect.Is).Where(text => text.Length > 0));
}
