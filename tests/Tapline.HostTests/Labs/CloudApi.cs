using System.Text;
using System.Text.Json.Nodes;

namespace Tapline.HostTests.Labs;

/// <summary>The APIs over HTTP, as one user of one project. Bodies are written with single quotes.</summary>
internal sealed class CloudApi : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly string _url;

    private CloudApi(string url) => _url = url;

    public required string Project { get; init; }

    public static async Task<CloudApi> SignInAsync(string url, string user, string password, string project)
    {
        using var http = new HttpClient();
        using var content = Content($$$"""
            {'auth': {'identity': {'methods': ['password'], 'password': {'user': {'name': '{{{user}}}', 'password': '{{{password}}}',
            'domain': {'name': 'Default'} } } }, 'scope': {'project': {'name': '{{{project}}}', 'domain': {'name': 'Default'} } } } }
            """);
        using var response = await http.PostAsync(new Uri($"{url}/identity/v3/auth/tokens"), content, TestContext.Current.CancellationToken);
        var token = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(response.IsSuccessStatusCode, token.ToJsonString());
        var api = new CloudApi(url) { Project = (string)token["token"]!["project"]!["id"]! };
        api._http.DefaultRequestHeaders.Add("X-Auth-Token", response.Headers.GetValues("X-Subject-Token").Single());
        return api;
    }

    /// <summary>Creates and answers the resource itself; anything but 201 fails the test.</summary>
    public async Task<JsonObject> MakeAsync(string collection, string body)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, PathOf(collection), body);
        Assert.True(status == 201, $"POST {collection} {body}: {status} {answer?.ToJsonString()}");
        return answer!.AsObject().First().Value!.AsObject();
    }

    public async Task<string> MakeIdAsync(string collection, string body) => (string)(await MakeAsync(collection, body))["id"]!;

    public async Task<JsonObject> GetAsync(string collection, string id) =>
        (await OkAsync(HttpMethod.Get, $"{PathOf(collection)}/{id}", null))!.AsObject().First().Value!.AsObject();

    public async Task<JsonArray> ListAsync(string collection, string query = "") =>
        (await OkAsync(HttpMethod.Get, $"{PathOf(collection)}?{query}", null))!.AsObject().First().Value!.AsArray();

    public async Task PutAsync(string collection, string id, string body) => await OkAsync(HttpMethod.Put, $"{PathOf(collection)}/{id}", body);

    public async Task DeleteAsync(string collection, string id) => await OkAsync(HttpMethod.Delete, $"{PathOf(collection)}/{id}", null);

    /// <summary>Whether the server is there, and its resources too.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            return (await ListAsync("networks")).Count > 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async Task<(int Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(_url + path));
        request.Content = body is null ? null : Content(body);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode?> OkAsync(HttpMethod method, string path, string? body)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status is >= 200 and < 300, $"{method} {path} {body}: {status} {answer?.ToJsonString()}");
        return answer;
    }

    private static string PathOf(string collection) => collection switch
    {
        "instances" => "/tapline/v1/instances",
        "projects" or "users" => $"/identity/v3/{collection}",
        _ => $"/v2.0/{collection}",
    };

    private static StringContent Content(string body) => new(body.Replace('\'', '"'), Encoding.UTF8, "application/json");
}
