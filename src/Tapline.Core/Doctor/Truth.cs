namespace Tapline.Core.Doctor;

/// <summary>Whether something holds; the doctor never guesses where it can not tell.</summary>
public enum Truth
{
    No,
    Yes,
    Unknown,
}

/// <summary>Kleene's logic of three values.</summary>
public static class Truths
{
    public static Truth Of(bool value) => value ? Truth.Yes : Truth.No;

    public static Truth And(this Truth left, Truth right) =>
        left == Truth.No || right == Truth.No ? Truth.No
        : left == Truth.Unknown || right == Truth.Unknown ? Truth.Unknown
        : Truth.Yes;

    public static Truth Or(this Truth left, Truth right) => left.Not().And(right.Not()).Not();

    public static Truth Not(this Truth value) => value switch { Truth.Yes => Truth.No, Truth.No => Truth.Yes, _ => Truth.Unknown };
}
