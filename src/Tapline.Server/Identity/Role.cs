using System.Collections.Immutable;

namespace Tapline.Server.Identity;

/// <summary>OpenStack's three default roles; there are no others. Admin implies member, member implies reader.</summary>
public sealed record Role(string Id, string Name)
{
    public static Role Admin { get; } = new("ad0000000000000000000000000000ad", "admin");

    public static Role Member { get; } = new("e0000000000000000000000000000e00", "member");

    public static Role Reader { get; } = new("4ead0000000000000000000000004ead", "reader");

    public static ImmutableArray<Role> All { get; } = [Admin, Member, Reader];

    public static Role? Find(string id) => All.FirstOrDefault(role => role.Id == id);

    /// <summary>The role and those it implies.</summary>
    public IEnumerable<Role> WithImplied() => All.SkipWhile(role => role != this);
}
