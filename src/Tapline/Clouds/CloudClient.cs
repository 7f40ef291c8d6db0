using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Tapline.Clouds;

/// <summary>The Networking API and Tapline's own, asked as a user would.</summary>
internal sealed class CloudClient(CloudAccess access) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private string? _token;

    /// <summary>Without a slash at the end.</summary>
    public string BaseUrl { get; } = access.AuthUrl[..access.AuthUrl.IndexOf("/identity", StringComparison.Ordinal)];

    public async Task<JsonObject> CreateAsync(string collection, string name, JsonObject body, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, Path(collection), new JsonObject { [name] = body }, cancellationToken).ConfigureAwait(false);
        return answer![name]!.AsObject();
    }

    public async Task<JsonObject> UpdateAsync(string collection, string name, string id, JsonObject body, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Put, $"{Path(collection)}/{id}", new JsonObject { [name] = body }, cancellationToken).ConfigureAwait(false);
        return answer![name]!.AsObject();
    }

    public async Task<JsonObject> PutAsync(string collection, string id, string action, JsonObject body, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Put, $"{Path(collection)}/{id}/{action}", body, cancellationToken).ConfigureAwait(false))!.AsObject();

    public async Task DeleteAsync(string collection, string id, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Delete, $"{Path(collection)}/{id}", null, cancellationToken).ConfigureAwait(false);

    public async Task<JsonObject> GetAsync(string collection, string name, string id, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, $"{Path(collection)}/{id}", null, cancellationToken).ConfigureAwait(false))![name]!.AsObject();

    public async Task<IReadOnlyList<JsonObject>> ListAsync(string collection, string query, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, $"{Path(collection)}{(query.Length > 0 ? "?" + query : "")}", null, cancellationToken).ConfigureAwait(false);
        return [.. answer![collection.Replace('-', '_')]!.AsArray().Select(item => item!.AsObject())];
    }

    /// <summary>By id or name, as the openstack client does it; none or several is an error.</summary>
    public async Task<JsonObject> FindAsync(string collection, string nameOrId, CancellationToken cancellationToken)
    {
        var byId = Guid.TryParse(nameOrId, out _) ? await ListAsync(collection, $"id={nameOrId}", cancellationToken).ConfigureAwait(false) : [];
        var found = byId.Count > 0 ? byId : await ListAsync(collection, $"name={Uri.EscapeDataString(nameOrId)}", cancellationToken).ConfigureAwait(false);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandException($"there is no '{nameOrId}' among the {collection}"),
            _ => throw new CommandException($"'{nameOrId}' is the name of {found.Count} {collection}: give the id"),
        };
    }

    public async Task<JsonObject> StatusAsync(CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, "/tapline/v1/status", null, cancellationToken).ConfigureAwait(false))!.AsObject();

    /// <summary>Returns when a host has registered.</summary>
    public async Task WaitForHostAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 1000; i++)
        {
            try
            {
                if ((await StatusAsync(cancellationToken).ConfigureAwait(false))["hosts"]!.AsArray().Count > 0)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // The server is not listening yet.
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }

        throw new CommandException("no host has registered with the server within 20 s: look at the agent's log");
    }

    public void Dispose() => _http.Dispose();

    private static string Path(string collection) => collection == "instances" ? "/tapline/v1/instances" : $"/v2.0/{collection}";

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        _token ??= await AuthenticateAsync(cancellationToken).ConfigureAwait(false);
        using var request = new HttpRequestMessage(method, BaseUrl + path);
        request.Headers.Add("X-Auth-Token", _token);
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandException($"{method} {path}: {(int)response.StatusCode} {MessageOf(text)}");
        }

        return response.StatusCode == HttpStatusCode.NoContent || text.Length == 0 ? null : JsonNode.Parse(text);
    }

    private async Task<string> AuthenticateAsync(CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject
                {
                    ["methods"] = new JsonArray("password"),
                    ["password"] = new JsonObject
                    {
                        ["user"] = new JsonObject
                        {
                            ["name"] = access.Username,
                            ["password"] = access.Password,
                            ["domain"] = new JsonObject { ["name"] = access.UserDomainName },
                        },
                    },
                },
                ["scope"] = new JsonObject
                {
                    ["project"] = new JsonObject
                    {
                        ["name"] = access.ProjectName,
                        ["domain"] = new JsonObject { ["name"] = access.ProjectDomainName },
                    },
                },
            },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri($"{access.AuthUrl}/auth/tokens"), content, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode && response.Headers.TryGetValues("X-Subject-Token", out var token)
            ? token.First()
            : throw new CommandException($"{access.AuthUrl} did not give {access.Username} a token: {(int)response.StatusCode}");
    }

    private static string MessageOf(string text)
    {
        try
        {
            var json = JsonNode.Parse(text);
            return (string?)(json?["NeutronError"]?["message"] ?? json?["error"]?["message"]) ?? text;
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }
}
