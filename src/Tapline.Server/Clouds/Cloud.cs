using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Clouds;

/// <summary>The Topology in memory and the only way to change it.</summary>
public sealed class Cloud(TimeProvider time)
{
    private readonly Lock _writer = new(); // guards _current's replacement
    private volatile Topology _current = Topology.Empty;

    /// <summary>The newest committed Topology; reading it never waits.</summary>
    public Topology Current => _current;

    /// <summary>Runs the rule against the newest Topology and commits what it answers; answers when the change is durable and visible.</summary>
    public Task<Result<T>> CommitAsync<T>(Func<Topology, RuleContext, Result<Outcome<T>>> rule, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writer)
        {
            var result = rule(_current, new RuleContext(time.GetUtcNow(), Guid.NewGuid));
            if (!result.IsOk)
            {
                return Task.FromResult(Result<T>.Refused(result.Rejections));
            }

            _current = result.Value.Change.ApplyTo(_current) with { Revision = new Revision(_current.Revision.Value + 1) };
            return Task.FromResult(Result<T>.Ok(result.Value.Value));
        }
    }
}
