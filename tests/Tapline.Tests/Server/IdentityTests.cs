using System.Net;
using System.Text.Json.Nodes;

namespace Tapline.Tests.Server;

public sealed class IdentityTests
{
    private static readonly HttpMethod Get = HttpMethod.Get;
    private static readonly HttpMethod Post = HttpMethod.Post;
    private static readonly HttpMethod Patch = HttpMethod.Patch;
    private static readonly HttpMethod Put = HttpMethod.Put;
    private static readonly HttpMethod Delete = HttpMethod.Delete;

    [Fact]
    public async Task The_first_start_makes_an_administrator_whose_password_only_the_owner_can_read()
    {
        await using var server = await RunningServer.StartAsync();

        var (status, token, body) = await server.LogInAsync("admin", server.AdminPassword, "admin");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.NotNull(token);
        Assert.True(server.AdminPassword.Length >= 24);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Host.CloudsFile));
        Assert.Equal(["admin", "member", "reader"], body["token"]!["roles"]!.AsArray().Select(role => (string)role!["name"]!));
        Assert.Equal("admin", (string)body["token"]!["project"]!["name"]!);
        Assert.Equal(["identity", "network"], body["token"]!["catalog"]!.AsArray().Select(service => (string)service!["type"]!));
        Assert.Equal(
            server.Api.BaseAddress!.ToString().TrimEnd('/'),
            (string)body["token"]!["catalog"]![1]!["endpoints"]![0]!["url"]!);
    }

    [Fact]
    public async Task Tokens_and_users_outlive_a_restart_and_the_address_in_the_clouds_file_is_kept_right()
    {
        await using var server = await RunningServer.StartAsync();
        var token = await server.AdminTokenAsync();

        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, "identity/v3/users", token)).Status);
        Assert.NotNull(await server.AdminTokenAsync());
        Assert.Contains($"auth_url: {server.Api.BaseAddress}identity/v3\n", await File.ReadAllTextAsync(server.Host.CloudsFile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"user":{"name":"admin","domain":{"name":"Default"},"password":"wrong"}}""")]
    [InlineData("""{"user":{"name":"nobody","domain":{"name":"Default"},"password":"wrong"}}""")]
    [InlineData("""{"user":{"name":"admin","domain":{"name":"Other"},"password":"PASSWORD"}}""")]
    [InlineData("""{"user":{"id":"admin","password":"PASSWORD"}}""")]
    public async Task Wrong_credentials_are_unauthorized(string credentials)
    {
        await using var server = await RunningServer.StartAsync();
        var password = credentials.Replace("PASSWORD", server.AdminPassword, StringComparison.Ordinal);

        var (status, token, body) = await server.AuthenticateAsync(
            $$$$"""{"auth":{"identity":{"methods":["password"],"password":{{{{password}}}} }}}""");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Null(token);
        Assert.Equal("Unauthorized", (string)body["error"]!["title"]!);
    }

    [Fact]
    public async Task Without_a_token_the_answer_says_where_to_get_one()
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.Api.GetAsync("identity/v3/users", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal($"Keystone uri=\"{server.Api.BaseAddress}identity\"", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_token_ends_after_twelve_hours()
    {
        await using var server = await RunningServer.StartAsync();
        var token = await server.AdminTokenAsync();

        server.Time.Advance(TimeSpan.FromHours(11.9));
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, "identity/v3/users", token)).Status);
        server.Time.Advance(TimeSpan.FromHours(0.2));

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, "identity/v3/users", token)).Status);
    }

    [Fact]
    public async Task A_token_got_with_a_token_does_not_outlive_it()
    {
        await using var server = await RunningServer.StartAsync();
        var (_, first, firstBody) = await server.LogInAsync("admin", server.AdminPassword, null);
        Assert.Null(firstBody["token"]!["project"]);
        server.Time.Advance(TimeSpan.FromHours(1));

        var (status, _, body) = await server.AuthenticateAsync(
            $$$$"""
            {"auth":{"identity":{"methods":["token"],"token":{"id":"{{{{first}}}}"}},
                "scope":{"project":{"name":"admin","domain":{"id":"default"}}} }}
            """);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal((string)firstBody["token"]!["expires_at"]!, (string)body["token"]!["expires_at"]!);
        Assert.Equal(["password", "token"], body["token"]!["methods"]!.AsArray().Select(method => (string)method!));
    }

    [Theory]
    [InlineData("""{"system":{"all":true}}""", HttpStatusCode.Unauthorized)]
    [InlineData("""{"domain":{"id":"default"}}""", HttpStatusCode.Unauthorized)]
    [InlineData("""{"project":{"name":"nowhere","domain":{"id":"default"}}}""", HttpStatusCode.Unauthorized)]
    [InlineData("""{"project":{"id":17}}""", HttpStatusCode.BadRequest)]
    [InlineData("17", HttpStatusCode.BadRequest)]
    public async Task Scopes_that_there_are_not_are_refused(string scope, HttpStatusCode expected)
    {
        await using var server = await RunningServer.StartAsync();

        var (status, _, _) = await server.AuthenticateAsync(
            $$$$"""
            {"auth":{"identity":{"methods":["password"],"password":{"user":{
                "name":"admin","domain":{"name":"Default"},"password":"{{{{server.AdminPassword}}}}"}}},"scope":{{{{scope}}}} }}
            """);

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Users_projects_and_roles_are_made_used_and_taken_away()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        var (project, alice) = await MakeAliceAsync(server, admin);
        var assignment = $"identity/v3/projects/{project}/users/{alice}/roles/{await RoleAsync(server, admin, "member")}";

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.LogInAsync("alice", "secret", "demo")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(Get, assignment, admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Put, assignment, admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Get, assignment, admin)).Status);
        var (_, token, body) = await server.LogInAsync("alice", "secret", "demo");
        Assert.Equal(["member", "reader"], body["token"]!["roles"]!.AsArray().Select(role => (string)role!["name"]!));

        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, $"identity/v3/users/{alice}", token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, $"identity/v3/projects/{project}", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Get, "identity/v3/users", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Delete, $"identity/v3/users/{alice}", token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Put, assignment, token)).Status);
        Assert.Equal("demo", (string)(await server.SendAsync(Get, "identity/v3/auth/projects", token)).Body!["projects"]![0]!["name"]!);

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Delete, assignment, admin)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, $"identity/v3/users/{alice}", token)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Delete, $"identity/v3/users/{alice}", admin)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(Get, $"identity/v3/users/{alice}", admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Delete, $"identity/v3/projects/{project}", admin)).Status);
    }

    [Fact]
    public async Task A_disabled_user_and_a_changed_password_end_the_tokens()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        var (_, alice) = await MakeAliceAsync(server, admin);
        var (_, first, _) = await server.LogInAsync("alice", "secret", null);

        var (changed, _) = await server.SendAsync(
            Post, $"identity/v3/users/{alice}/password", first, """{"user":{"password":"better","original_password":"secret"}}""");
        Assert.Equal(HttpStatusCode.NoContent, changed);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, $"identity/v3/users/{alice}", first)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.LogInAsync("alice", "secret", null)).Status);
        var (_, second, _) = await server.LogInAsync("alice", "better", null);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, $"identity/v3/users/{alice}", second)).Status);

        await server.SendAsync(Patch, $"identity/v3/users/{alice}", admin, """{"user":{"enabled":false}}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, $"identity/v3/users/{alice}", second)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.LogInAsync("alice", "better", null)).Status);
    }

    [Fact]
    public async Task A_project_can_stand_below_another_and_keeps_it()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        var top = await MakeAsync("""{"project":{"name":"top","parent_id":"default"}}""");
        var below = await MakeAsync($$$"""{"project":{"name":"below","parent_id":"{{{top}}}"}}""");

        var listed = (await server.SendAsync(Get, $"identity/v3/projects?parent_id={top}", admin)).Body!["projects"]!.AsArray();

        Assert.Equal([below], listed.Select(project => (string)project!["id"]!));
        Assert.Equal(top, (string)listed[0]!["parent_id"]!);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Delete, $"identity/v3/projects/{top}", admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Delete, $"identity/v3/projects/{below}", admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Delete, $"identity/v3/projects/{top}", admin)).Status);

        async Task<string> MakeAsync(string body) =>
            (string)(await server.SendAsync(Post, "identity/v3/projects", admin, body)).Body!["project"]!["id"]!;
    }

    [Theory]
    [InlineData("projects", """{"project":{"name":"p","domain_id":"x"}}""", HttpStatusCode.NotFound)]
    [InlineData("users", """{"user":{"name":"u","domain_id":"x"}}""", HttpStatusCode.NotFound)]
    [InlineData("projects", """{"project":{"name":"p","is_domain":true}}""", HttpStatusCode.BadRequest)]
    [InlineData("projects", """{"project":{"name":"p","parent_id":"x"}}""", HttpStatusCode.NotFound)]
    [InlineData("projects", """{"project":{"name":"12345678901234567890123456789012345678901234567890123456789012345"}}""", HttpStatusCode.BadRequest)]
    public async Task What_the_directory_can_not_hold_is_refused(string collection, string body, HttpStatusCode expected)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(expected, (await server.SendAsync(Post, $"identity/v3/{collection}", await server.AdminTokenAsync(), body)).Status);
    }

    [Fact]
    public async Task Nobody_changes_the_password_of_another_or_without_knowing_the_old_one()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        var (_, alice) = await MakeAliceAsync(server, admin);
        var (_, token, _) = await server.LogInAsync("alice", "secret", null);
        const string Body = """{"user":{"password":"better","original_password":"wrong"}}""";

        var other = (string)(await server.SendAsync(Get, "identity/v3/users?name=admin", admin)).Body!["users"]![0]!["id"]!;
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Post, $"identity/v3/users/{other}/password", token, Body)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Post, $"identity/v3/users/{alice}/password", admin, Body)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Post, $"identity/v3/users/{alice}/password", token, Body)).Status);
        Assert.Equal(HttpStatusCode.Created, (await server.LogInAsync("alice", "secret", null)).Status);
    }

    [Fact]
    public async Task A_deleted_token_is_no_longer_good_also_after_a_restart()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        var other = await server.AdminTokenAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(Delete, "identity/v3/auth/tokens", admin, subject: other)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, "identity/v3/users", other)).Status);
        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, "identity/v3/users", other)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, "identity/v3/users", admin)).Status);
    }

    [Fact]
    public async Task A_token_can_be_looked_at_by_its_user_and_by_an_administrator()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        await MakeAliceAsync(server, admin);
        var (_, alice, _) = await server.LogInAsync("alice", "secret", null);

        var (status, body) = await server.SendAsync(Get, "identity/v3/auth/tokens", admin, subject: alice);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("alice", (string)body!["token"]!["user"]!["name"]!);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Head, "identity/v3/auth/tokens", alice, subject: alice)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Get, "identity/v3/auth/tokens", alice, subject: admin)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(Get, "identity/v3/auth/tokens", admin, subject: "made-up")).Status);
    }

    [Fact]
    public async Task A_token_that_was_tampered_with_is_none()
    {
        await using var server = await RunningServer.StartAsync();
        var token = await server.AdminTokenAsync();

        for (var i = 0; i < token.Length; i++)
        {
            var other = token[i] == 'A' ? 'B' : 'A';
            var forged = token[..i] + other + token[(i + 1)..];
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(Get, "identity/v3/users", forged)).Status);
        }
    }

    [Fact]
    public async Task Names_are_taken_once()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        await MakeAliceAsync(server, admin);

        Assert.Equal(HttpStatusCode.Conflict, (await server.SendAsync(Post, "identity/v3/users", admin, """{"user":{"name":"alice"}}""")).Status);
        Assert.Equal(
            HttpStatusCode.Conflict, (await server.SendAsync(Post, "identity/v3/projects", admin, """{"project":{"name":"demo"}}""")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("xx")]
    [InlineData("17")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"user":17}""")]
    [InlineData("""{"user":{}}""")]
    [InlineData("""{"user":{"name":17}}""")]
    [InlineData("""{"user":{"name":""}}""")]
    [InlineData("""{"user":{"name":"\ud800"}}""")]
    [InlineData("""{"user":{"name":"a","name":"b"}}""")]
    [InlineData("""{"user":{"name":"a","enabled":"yes"}}""")]
    public async Task Bodies_that_are_wrong_are_refused_as_such(string body)
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();

        var (status, answer) = await server.SendAsync(Post, "identity/v3/users", admin, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(400, (int)answer!["error"]!["code"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.AuthenticateAsync(body.Replace("user", "auth", StringComparison.Ordinal))).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_refused_as_such(bool chunked)
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(Post, "identity/v3/auth/tokens") { Content = new ByteArrayContent(new byte[10_000_000]) };
        request.Headers.TransferEncodingChunked = chunked;

        var answer = await server.Api.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(413, (int)body!["error"]!["code"]!);
    }

    [Fact]
    public async Task Versions_are_found_without_a_token()
    {
        await using var server = await RunningServer.StartAsync();

        var (all, versions) = await server.SendAsync(Get, "identity", null);
        var (one, version) = await server.SendAsync(Get, "identity/v3/", null);

        Assert.Equal(HttpStatusCode.MultipleChoices, all);
        Assert.Equal(HttpStatusCode.OK, one);
        Assert.Equal("v3.14", (string)versions!["versions"]!["values"]![0]!["id"]!);
        Assert.Equal($"{server.Api.BaseAddress}identity/v3/", (string)version!["version"]!["links"]![0]!["href"]!);
    }

    [Fact]
    public async Task What_is_built_in_can_be_read_and_not_changed()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();

        foreach (var path in (string[])["domains", "roles", "services", "endpoints", "regions"])
        {
            var (status, list) = await server.SendAsync(Get, $"identity/v3/{path}", admin);
            Assert.Equal(HttpStatusCode.OK, status);
            var id = (string)list![path]![0]!["id"]!;
            Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(Get, $"identity/v3/{path}/{id}", admin)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(Get, $"identity/v3/{path}/none", admin)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(Post, $"identity/v3/{path}", admin, "{}")).Status);
        }
    }

    [Fact]
    public async Task A_second_server_on_the_same_directory_is_refused()
    {
        await using var server = await RunningServer.StartAsync();

        var refusal = await Assert.ThrowsAsync<Tapline.Store.StoreException>(() => Tapline.Server.ServerHost.StartAsync(
            new Tapline.Server.ServerOptions { DataDirectory = server.DataDirectory, Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            TestContext.Current.CancellationToken));

        Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(await server.AdminTokenAsync());
    }

    [Fact]
    public async Task A_directory_that_others_may_enter_is_refused()
    {
        var directory = Directory.CreateTempSubdirectory("tapline-open-");
        try
        {
            File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_101_101);

            var refusal = await Assert.ThrowsAsync<Tapline.Store.StoreException>(() => Tapline.Server.ServerHost.StartAsync(
                new Tapline.Server.ServerOptions { DataDirectory = directory.FullName }, TestContext.Current.CancellationToken));

            Assert.Contains("chmod 700", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<(string Project, string User)> MakeAliceAsync(RunningServer server, string admin)
    {
        var (_, project) = await server.SendAsync(Post, "identity/v3/projects", admin, """{"project":{"name":"demo"}}""");
        var (_, user) = await server.SendAsync(Post, "identity/v3/users", admin, """{"user":{"name":"alice","password":"secret"}}""");
        return ((string)project!["project"]!["id"]!, (string)user!["user"]!["id"]!);
    }

    private static async Task<string> RoleAsync(RunningServer server, string admin, string name) =>
        (string)(await server.SendAsync(Get, $"identity/v3/roles?name={name}", admin)).Body!["roles"]![0]!["id"]!;
}
