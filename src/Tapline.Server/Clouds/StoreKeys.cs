using System.Collections.Frozen;
using Tapline.Core.Model;
using Tapline.Core.Rules;

namespace Tapline.Server.Clouds;

/// <summary>Where in the store what is kept.</summary>
internal static class StoreKeys
{
    public const string Root = "/tapline/";
    public const string Identity = "/tapline/identity/";
    private const string Claims = "/tapline/claims/";

    private static readonly FrozenDictionary<string, ResourceType> Types =
        Enum.GetValues<ResourceType>().ToFrozenDictionary(type => type.ToString().ToLowerInvariant());

    private static readonly FrozenDictionary<string, ResourceType>.AlternateLookup<ReadOnlySpan<char>> TypesBySpan =
        Types.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Of(ResourceKey key) => Root + key;

    public static string Of(Claim claim) => Claims + claim.Name;

    /// <summary>False for the keys that are no resources: claims, identity, what a newer Tapline keeps.</summary>
    public static bool TryParse(string key, out ResourceKey resource)
    {
        var rest = key.AsSpan(Root.Length);
        var slash = rest.IndexOf('/');
        if (slash < 0 || !TypesBySpan.TryGetValue(rest[..slash], out var type))
        {
            resource = default;
            return false;
        }

        resource = new ResourceKey(type, rest[(slash + 1)..].ToString());
        return true;
    }
}
