using System.Text.Json;
using Tapline.Core.Primitives;

namespace Tapline.Server.Networking;

/// <summary>Takes one JSON value for an attribute; where it is not fit, says so to the reading and answers false.</summary>
internal delegate bool Reader<T>(JsonElement json, Reading reading, out T value);

/// <summary>A request's body being read: everything wrong with it, by attribute.</summary>
internal sealed class Reading
{
    private readonly List<Rejection> _rejections = [];

    public IReadOnlyList<Rejection> Rejections => _rejections;

    /// <summary>The attribute whose value is being read.</summary>
    public string Attribute { get; set; } = "";

    public bool Refuse(string reason) => Reject(Rejection.BadValue(Attribute, reason));

    public bool Reject(Rejection rejection)
    {
        _rejections.Add(rejection);
        return false;
    }

    /// <summary>What is wrong with the body's shape rather than with a value.</summary>
    public void RefuseBody(string field, string message) =>
        _rejections.Add(new Rejection(RejectionKind.Invalid, "HTTPBadRequest", field, message));

    /// <summary>A value as a message shows it; long ones are cut.</summary>
    public static string Shown(JsonElement json)
    {
        var text = json.ValueKind switch
        {
            JsonValueKind.String => json.GetString()!,
            JsonValueKind.Null => "None",
            _ => json.GetRawText(),
        };
        return $"'{Cut(text)}'";
    }

    public static string Cut(string text) => text.Length > 100 ? text[..100] + "…" : text;
}
