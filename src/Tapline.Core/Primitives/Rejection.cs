namespace Tapline.Core.Primitives;

/// <summary>Why a request was refused.</summary>
/// <param name="Kind">Decides the HTTP status.</param>
/// <param name="Type">Neutron's exception name, which its clients look at (<c>PortInUse</c>, <c>InvalidInput</c> …).</param>
/// <param name="Field">The attribute that was wrong, or null where the request as a whole was.</param>
/// <param name="Message">What was wrong, in words for the user, naming the value.</param>
public sealed record Rejection(RejectionKind Kind, string Type, string? Field, string Message)
{
    public static Rejection Invalid(string field, string message) => new(RejectionKind.Invalid, "InvalidInput", field, message);

    /// <summary>A value that its attribute can not have; Neutron says so before it looks at anything else.</summary>
    public static Rejection BadValue(string attribute, string reason) =>
        new(RejectionKind.Invalid, "HTTPBadRequest", attribute, $"Invalid input for {attribute}. Reason: {reason}.");

    public static Rejection NotFound(string type, string message) => new(RejectionKind.NotFound, type, null, message);

    public static Rejection Conflict(string type, string message) => new(RejectionKind.Conflict, type, null, message);

    public static Rejection Forbidden(string field, string message) => new(RejectionKind.Forbidden, "PolicyNotAuthorized", field, message);
}

/// <summary>The classes of refusal, each with the HTTP status Neutron gives it.</summary>
public enum RejectionKind
{
    /// <summary>400: the request is wrong in itself.</summary>
    Invalid,

    /// <summary>403: the caller may not.</summary>
    Forbidden,

    /// <summary>404: no such thing, or none that the caller may see.</summary>
    NotFound,

    /// <summary>409: right in itself, but not in the present state.</summary>
    Conflict,

    /// <summary>412: the resource is no longer the one that the caller has seen.</summary>
    Stale,
}
