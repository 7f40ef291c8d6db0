using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Rules;
using Tapline.Server.Clouds;
using Tapline.Server.Identity;
using Tapline.Server.Networking;

namespace Tapline.Tests.Networking;

/// <summary>The API without sockets: each request is a context of its own. Bodies are written with single quotes.</summary>
internal sealed class ApiClient
{
    public static readonly Caller Admin = CallerOf("admin-project", "admin");
    public static readonly Caller Red = CallerOf("red", "member");
    public static readonly Caller Blue = CallerOf("blue", "member");
    public static readonly Caller RedReader = CallerOf("red", "reader");

    public Cloud Cloud { get; } = new(TimeProvider.System);

    public Task<Reply> GetAsync(Caller? caller, string path) => SendAsync(caller, "GET", path, null);

    public Task<Reply> PostAsync(Caller? caller, string path, string body) => SendAsync(caller, "POST", path, body);

    public Task<Reply> PutAsync(Caller? caller, string path, string body) => SendAsync(caller, "PUT", path, body);

    public Task<Reply> DeleteAsync(Caller? caller, string path) => SendAsync(caller, "DELETE", path, null);

    /// <summary>Creates and answers the resource itself; anything but 201 fails the test.</summary>
    public async Task<JsonElement> MakeAsync(Caller caller, string collection, string body)
    {
        var reply = await PostAsync(caller, $"/v2.0/{collection}", body);
        Assert.True(reply.Status == 201, reply.ToString());
        return reply.Body.EnumerateObject().First().Value;
    }

    /// <summary>A network with the subnet 10.0.0.0/24.</summary>
    public async Task<(string Network, string Subnet)> MakeNetworkAsync(Caller caller, string more = "", string cidr = "10.0.0.0/24")
    {
        var network = Id(await MakeAsync(caller, "networks", $"{{'network': {{'name': 'net'{more}}}}}"));
        return (network, await MakeSubnetAsync(caller, network, cidr));
    }

    public async Task<string> MakeSubnetAsync(Caller caller, string network, string cidr) => Id(await MakeAsync(caller, "subnets",
        $"{{'subnet': {{'network_id': '{network}', 'ip_version': {(cidr.Contains(':') ? 6 : 4)}, 'cidr': '{cidr}'}}}}"));

    public static string Id(JsonElement resource) => resource.GetProperty("id").GetString()!;

    public async Task RegisterHostAsync(string name) => await Cloud.CommitAsync(
        (topology, context) => HostRules.Register(topology, new Core.Model.Host { ProjectId = "", Name = name }, context),
        CancellationToken.None);

    public async Task<Reply> SendAsync(Caller? caller, string method, string pathAndQuery, string? body, string contentType = "application/json",
        string? ifMatch = null)
    {
        var context = new DefaultHttpContext();
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("cloud.test");
        context.Request.Path = query < 0 ? pathAndQuery : pathAndQuery[..query];
        context.Request.QueryString = new QueryString(query < 0 ? "" : pathAndQuery[query..]);
        context.Response.Body = new MemoryStream();
        context.Request.Headers.IfMatch = ifMatch;
        if (body is not null)
        {
            context.Request.ContentType = contentType;
            context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body.Replace('\'', '"')));
        }

        await NetworkingApi.HandleAsync(context, Cloud, _ => caller);
        var bytes = ((MemoryStream)context.Response.Body).ToArray();
        var json = bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement;
        return new Reply(context.Response.StatusCode, json);
    }

    private static Caller CallerOf(string project, string role) => new()
    {
        UserId = $"{project}-{role}",
        UserName = $"{project}-{role}",
        ProjectId = project,
        ProjectName = project,
        Roles = [role],
    };
}

internal sealed record Reply(int Status, JsonElement Body)
{
    public string ErrorType => Body.GetProperty("NeutronError").GetProperty("type").GetString()!;

    public string Message => Body.GetProperty("NeutronError").GetProperty("message").GetString()!;

    /// <summary>The one resource or list that the answer is.</summary>
    public JsonElement Value => Body.EnumerateObject().First().Value;

    public string[] Names => [.. Value.EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    public override string ToString() => $"{Status} {(Body.ValueKind == JsonValueKind.Undefined ? "" : Body.GetRawText())}";
}
