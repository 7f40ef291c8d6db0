using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>Keystone's refusals, in its words where clients show them.</summary>
internal static class Answers
{
    public static Answer Unauthorized { get; } =
        Answer.Error(StatusCodes.Status401Unauthorized, "The request you have made requires authentication.");

    public static Answer Forbidden { get; } =
        Answer.Error(StatusCodes.Status403Forbidden, "You are not authorized to perform the requested action: it needs the role admin.");

    public static Answer NotFound(string what, string id) => Answer.Error(StatusCodes.Status404NotFound, $"Could not find {what}: {id}.");

    public static Answer Refused(IReadOnlyList<Rejection> rejections) => Answer.Error(
        rejections[0].Kind switch
        {
            RejectionKind.Forbidden => StatusCodes.Status403Forbidden,
            RejectionKind.NotFound => StatusCodes.Status404NotFound,
            RejectionKind.Conflict => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status400BadRequest,
        },
        string.Join(" ", rejections.Select(rejection => rejection.Message)));
}
