using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tapline.Core.Primitives;
using Tapline.Server.Clouds;
using Tapline.Store;

namespace Tapline.Server.Identity;

/// <summary>Users, projects, assignments, revoked tokens and the key that signs tokens, at one revision. Immutable.</summary>
public sealed record DirectorySnapshot
{
    private const string KeyName = "key";
    private const string GenerationName = "generation";
    private const string UserFolder = "user";
    private const string ProjectFolder = "project";
    private const string AssignmentFolder = "assignment";
    private const string RevokedFolder = "revoked";

    internal static DirectorySnapshot Empty { get; } = new();

    public Revision Revision { get; private init; }

    /// <summary>The revision of the last change: each change compares it, so that no two are made side by side.</summary>
    public Revision Generation { get; private init; }

    public ImmutableDictionary<string, User> Users { get; private init; } = ImmutableDictionary<string, User>.Empty;

    public ImmutableDictionary<string, Project> Projects { get; private init; } = ImmutableDictionary<string, Project>.Empty;

    public ImmutableHashSet<Assignment> Assignments { get; private init; } = [];

    /// <summary>Tokens that were deleted, by id, and until when they would have been good.</summary>
    internal ImmutableDictionary<Guid, DateTimeOffset> Revoked { get; private init; } = ImmutableDictionary<Guid, DateTimeOffset>.Empty;

    /// <summary>Signs tokens; empty before the first start is over.</summary>
    internal ImmutableArray<byte> Key { get; private init; } = [];

    public User? UserByName(string name) => Users.Values.FirstOrDefault(user => user.Name == name);

    public Project? ProjectByName(string name) => Projects.Values.FirstOrDefault(project => project.Name == name);

    /// <summary>The roles that the user has on the project, with those they imply.</summary>
    public ImmutableHashSet<Role> RolesOf(string userId, string projectId) =>
        [.. Role.All.Where(role => Assignments.Contains(new Assignment(userId, projectId, role.Id))).SelectMany(role => role.WithImplied())];

    /// <summary>The enabled projects that the user has a role on.</summary>
    public IEnumerable<Project> ProjectsOf(string userId) =>
        Projects.Values.Where(project => project.Enabled && !RolesOf(userId, project.Id).IsEmpty);

    internal static Operation Put(User user) =>
        new Operation.Put(KeyOf(UserFolder, user.Id), JsonSerializer.SerializeToUtf8Bytes(user, IdentityJson.Default.User));

    internal static Operation Put(Project project) =>
        new Operation.Put(KeyOf(ProjectFolder, project.Id), JsonSerializer.SerializeToUtf8Bytes(project, IdentityJson.Default.Project));

    internal static Operation Put(Assignment assignment) => new Operation.Put(KeyOf(assignment), ReadOnlyMemory<byte>.Empty);

    internal static Operation PutKey(byte[] key) => new Operation.Put(StoreKeys.Identity + KeyName, key);

    internal static Operation PutRevoked(Guid token, DateTimeOffset until) => new Operation.Put(
        KeyOf(RevokedFolder, token.ToString("N")), Encoding.ASCII.GetBytes(until.UtcTicks.ToString(CultureInfo.InvariantCulture)));

    internal static Operation Delete(User user) => new Operation.Delete(KeyOf(UserFolder, user.Id));

    internal static Operation Delete(Project project) => new Operation.Delete(KeyOf(ProjectFolder, project.Id));

    internal static Operation Delete(Assignment assignment) => new Operation.Delete(KeyOf(assignment));

    internal static Operation DeleteRevoked(Guid token) => new Operation.Delete(KeyOf(RevokedFolder, token.ToString("N")));

    internal static Operation PutGeneration() => new Operation.Put(StoreKeys.Identity + GenerationName, ReadOnlyMemory<byte>.Empty);

    internal Compare SameGeneration() => new(StoreKeys.Identity + GenerationName, Generation);

    internal DirectorySnapshot With(EventBatch batch) =>
        batch.Events.Aggregate(this, (snapshot, happened) => snapshot.With(happened)) with { Revision = batch.Revision };

    private DirectorySnapshot With(Event happened)
    {
        var parts = happened.Key[StoreKeys.Identity.Length..].Split('/');
        var entry = happened.Entry;
        return (parts, entry) switch
        {
            ([KeyName], not null) => this with { Key = [.. entry.Value.Span] },
            ([GenerationName], not null) => this with { Generation = entry.Modified },
            ([UserFolder, var id], null) => this with { Users = Users.Remove(id) },
            ([UserFolder, var id], _) => this with { Users = Users.SetItem(id, Read(entry, IdentityJson.Default.User)) },
            ([ProjectFolder, var id], null) => this with { Projects = Projects.Remove(id) },
            ([ProjectFolder, var id], _) => this with { Projects = Projects.SetItem(id, Read(entry, IdentityJson.Default.Project)) },
            ([AssignmentFolder, var user, var project, var role], null) =>
                this with { Assignments = Assignments.Remove(new Assignment(user, project, role)) },
            ([AssignmentFolder, var user, var project, var role], _) =>
                this with { Assignments = Assignments.Add(new Assignment(user, project, role)) },
            ([RevokedFolder, var id], null) => this with { Revoked = Revoked.Remove(Guid.Parse(id)) },
            ([RevokedFolder, var id], _) => this with { Revoked = Revoked.SetItem(Guid.Parse(id), ReadTime(entry)) },
            _ => this, // of a newer Tapline
        };
    }

    private static T Read<T>(Entry entry, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(entry.Value.Span, type) ?? throw new JsonException($"{entry.Key} is null");

    private static DateTimeOffset ReadTime(Entry entry) =>
        new(long.Parse(entry.Value.Span, CultureInfo.InvariantCulture), TimeSpan.Zero);

    private static string KeyOf(string folder, string id) => $"{StoreKeys.Identity}{folder}/{id}";

    private static string KeyOf(Assignment x) => KeyOf(AssignmentFolder, $"{x.UserId}/{x.ProjectId}/{x.RoleId}");
}
