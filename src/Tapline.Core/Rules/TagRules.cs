using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Tags: a set of short texts on any resource.</summary>
public static class TagRules
{
    public const int Longest = 255;

    private const int Most = 50;

    public static Resource? Set(Draft draft, Resource resource, ValueList<string> tags, string action)
    {
        draft.RequireOwner(resource, action);
        var set = tags.Distinct().ToValueList();
        if (set.Count > Most)
        {
            draft.Reject(Rejection.BadValue("tags", $"more than {Most} tags"));
        }

        foreach (var tag in set.Where(tag => tag.Length is 0 or > Longest || tag.Contains(',')))
        {
            draft.Reject(Rejection.BadValue("tags", $"'{tag}' is not a valid tag"));
        }

        return draft.IsRefused ? null : draft.Put(resource with { Tags = set });
    }
}
