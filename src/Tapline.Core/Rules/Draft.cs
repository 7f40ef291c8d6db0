using System.Diagnostics;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>
/// One request under way: the Topology as it would become, who asks, and everything that speaks against it. It lives inside
/// <see cref="Run"/> alone, so that rules can be put together (a floating IP makes a port) and are pure from outside.
/// </summary>
public sealed class Draft
{
    private readonly Topology _before;
    private readonly OrderedDictionary<ResourceKey, Resource?> _touched = [];
    private readonly List<Rejection> _rejections = [];

    private int _created;

    private Draft(Topology topology, RuleContext context, Scope scope)
    {
        _before = topology;
        Topology = topology;
        Context = context;
        Scope = scope;
    }

    /// <summary>With what the request has done so far.</summary>
    public Topology Topology { get; private set; }

    public RuleContext Context { get; }

    public Scope Scope { get; }

    public bool IsRefused => _rejections.Count > 0;

    /// <summary>What the rules in <paramref name="body"/> answer together: one change, or every reason against it.</summary>
    public static Result<Outcome<T>> Run<T>(Topology topology, RuleContext context, Scope scope, Func<Draft, T?> body)
        where T : class
    {
        var draft = new Draft(topology, context, scope);
        var value = body(draft);
        if (draft.IsRefused)
        {
            return Result<Outcome<T>>.Refused(draft._rejections.Distinct());
        }

        return new Outcome<T>(value ?? throw new UnreachableException(), draft.Change()) { After = draft.Topology };
    }

    public void Reject(Rejection rejection) => _rejections.Add(rejection);

    /// <summary>
    /// Puts the resource with its times and its revision number set; one that is as before is left alone. What one request makes
    /// differs by a tick (100 ns) each, so that lists keep its order.
    /// </summary>
    public T Put<T>(T resource)
        where T : Resource
    {
        var key = resource.Key;
        if (resource.Equals(Topology.Find(key)))
        {
            return resource;
        }

        var before = _before.Find(key);
        var stamped = (T)(before is null
            ? Created(key, resource)
            : resource with { UpdatedAt = Context.Now, RevisionNumber = before.RevisionNumber + 1 });
        _touched[key] = stamped;
        Topology = Topology.Put(stamped);
        return stamped;
    }

    /// <summary>
    /// Counts as a change of the resource what was changed below it, as in Neutron (a network's subnets). It is also what keeps two
    /// servers from each adding to it what does not fit the other's: the store compares the resource's revision.
    /// </summary>
    public void Touch(Resource resource)
    {
        if (!_touched.ContainsKey(resource.Key))
        {
            Put(resource with { UpdatedAt = Context.Now, RevisionNumber = resource.RevisionNumber + 1 });
        }
    }

    public void Remove(Resource resource)
    {
        _touched[resource.Key] = null;
        Topology = Topology.Remove(resource.Key);
    }

    private Resource Created(ResourceKey key, Resource resource)
    {
        var again = _touched.TryGetValue(key, out var before) && before is not null;
        var time = again ? before!.CreatedAt : Context.Now.AddTicks(_created++);
        return resource with { CreatedAt = time, UpdatedAt = time };
    }

    /// <summary>Puts in the order of the rules: what refers stands after what it refers to.</summary>
    private TopologyChange Change() => TopologyChange.None
        .Remove(_touched.Where(pair => pair.Value is null && _before.Find(pair.Key) is not null).Select(pair => pair.Key))
        .Put(_touched.Values.OfType<Resource>());
}
