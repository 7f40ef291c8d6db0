using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;

namespace Tapline.Server.Networking;

/// <summary>The header <c>If-Match: revision_number=N</c>: a change is made only to what is still as the caller has seen it.</summary>
internal static class IfMatch
{
    private const string Key = "revision_number=";

    /// <summary>Null where the request does not say.</summary>
    public static long? RevisionOf(HttpRequest request, Reading reading)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return null;
        }

        var text = header.ToString().Trim('"');
        if (text.StartsWith(Key, StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(Key.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var revision))
        {
            return revision;
        }

        reading.RefuseBody("If-Match", $"Invalid If-Match '{Reading.Cut(text)}': one 'revision_number=<number>' is understood");
        return null;
    }

    public static Rejection Failed(long wanted, long present) => new(RejectionKind.Stale, "RevisionNumberConstraintFailed", null,
        $"Constrained to {wanted}, but current revision is {present}");
}
