using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Tapline.Load;

/// <summary>One kept-alive HTTP/1.1 connection, as thin as can be: on a machine of two cores the client's own work must not count.</summary>
internal sealed class ApiConnection : IDisposable
{
    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] ContentLength = "Content-Length: "u8.ToArray();
    private readonly Socket _socket;
    private byte[] _buffer = new byte[64 * 1024];

    public ApiConnection(int port)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
        _socket.Connect(IPAddress.Loopback, port);
    }

    public string Token { get; set; } = "";

    /// <summary>The bytes of a request, to be sent as often as wanted.</summary>
    public byte[] Request(string method, string path, JsonObject? body = null)
    {
        var text = body?.ToJsonString() ?? "";
        return Encoding.UTF8.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: {Token}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}");
    }

    /// <summary>Sends, waits for the whole answer, and returns its status.</summary>
    public (int Status, ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Body) Exchange(byte[] request)
    {
        _socket.Send(request);
        var have = 0;
        var headEnd = -1;
        var total = int.MaxValue;
        while (have < total)
        {
            if (have == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            var count = _socket.Receive(_buffer, have, _buffer.Length - have, SocketFlags.None);
            if (count == 0)
            {
                throw new LoadException("the server closed the connection");
            }

            have += count;
            if (headEnd < 0 && (headEnd = _buffer.AsSpan(0, have).IndexOf(EndOfHeaders)) >= 0)
            {
                total = headEnd + 4 + LengthIn(_buffer.AsSpan(0, headEnd + 2));
            }
        }

        var status = int.Parse(_buffer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        return (status, _buffer.AsMemory(0, headEnd + 2), _buffer.AsMemory(headEnd + 4, total - headEnd - 4));
    }

    /// <summary>An exchange that must succeed; answers the body.</summary>
    public JsonObject Send(string method, string path, JsonObject? body = null)
    {
        var (status, _, answer) = Exchange(Request(method, path, body));
        return status is >= 200 and < 300
            ? answer.IsEmpty ? [] : JsonNode.Parse(answer.Span)!.AsObject()
            : throw new LoadException($"{method} {path}: {status} {Encoding.UTF8.GetString(answer.Span)}");
    }

    /// <summary>Makes a resource and answers its attributes.</summary>
    public JsonObject Create(string collection, string name, JsonObject attributes) =>
        Send("POST", PathOf(collection), new JsonObject { [name] = attributes })[name]!.AsObject();

    public string CreateId(string collection, string name, JsonObject attributes) => (string)Create(collection, name, attributes)["id"]!;

    public void Delete(string collection, string id) => Send("DELETE", $"{PathOf(collection)}/{id}");

    public void Authenticate(string password)
    {
        var domain = new JsonObject { ["name"] = "Default" };
        var user = new JsonObject { ["name"] = "admin", ["password"] = password, ["domain"] = domain };
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = user } },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = "admin", ["domain"] = domain.DeepClone() } },
            },
        };
        var (status, head, answer) = Exchange(Request("POST", "/identity/v3/auth/tokens", body));
        if (status != 201)
        {
            throw new LoadException($"no token: {status}");
        }

        var project = (string)JsonNode.Parse(answer.Span)!["token"]!["project"]!["id"]!;
        Token = Encoding.UTF8.GetString(head.Span).Split("\r\n").First(line => line.StartsWith("X-Subject-Token", StringComparison.OrdinalIgnoreCase)).Split(' ')[1];
        var unlimited = new JsonObject { ["port"] = -1, ["network"] = -1, ["subnet"] = -1, ["router"] = -1, ["floatingip"] = -1, ["security_group_rule"] = -1 };
        Send("PUT", $"/v2.0/quotas/{project}", new JsonObject { ["quota"] = unlimited });
    }

    public void Dispose() => _socket.Dispose();

    private static string PathOf(string collection) => collection == "instances" ? "/tapline/v1/instances" : $"/v2.0/{collection}";

    private static int LengthIn(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf(ContentLength);
        return at < 0 ? 0 : int.Parse(head[(at + ContentLength.Length)..][..head[(at + ContentLength.Length)..].IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
