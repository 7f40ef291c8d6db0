using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Tests.Rules;

/// <summary>A Topology that rules are tried on, one request after the other; ids and times follow from their order.</summary>
internal sealed class RuleBench
{
    private long _ids;
    private int _seconds;

    public static Scope Red { get; } = new("red", IsAdmin: false);

    public static Scope Admin { get; } = new("admin", IsAdmin: true);

    public Topology Topology { get; private set; } = Topology.Empty;

    /// <summary>Carries out what is allowed.</summary>
    public Result<T> Try<T>(Scope scope, Func<Draft, T?> rule)
        where T : class
    {
        var result = Draft.Run(Topology, NextContext(), scope, rule);
        if (!result.IsOk)
        {
            return Result<T>.Refused(result.Rejections);
        }

        Topology = result.Value.Change.ApplyTo(Topology);
        return Result<T>.Ok(result.Value.Value);
    }

    /// <summary>The same, where the test relies on it.</summary>
    public T Do<T>(Func<Draft, T?> rule)
        where T : class => Try(Red, rule).Value;

    public void Register(string host) => Topology = HostRules
        .Register(Topology, new Core.Model.Host { ProjectId = "", Name = host }, NextContext()).Value.Change.ApplyTo(Topology);

    public Network Network() => Do(draft => NetworkRules.Create(draft, new NetworkRequest()));

    public Subnet Subnet(Network network, string cidr) => Do(draft => SubnetRules.Create(draft, Request(network, cidr)));

    public Port Port(Network network) => Do(draft => PortRules.Create(draft, new PortRequest { NetworkId = network.Id }));

    public static SubnetRequest Request(Network network, string cidr) => new() { NetworkId = network.Id, Cidr = IpPrefix.Parse(cidr) };

    private RuleContext NextContext() => new(DateTimeOffset.UnixEpoch.AddSeconds(_seconds++), NextGuid);

    /// <summary>Scattered, so that MAC addresses taken from it differ.</summary>
    private Guid NextGuid()
    {
        var scattered = (ulong)++_ids * 0x9E37_79B9_7F4A_7C15;
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, _ids);
        BitConverter.TryWriteBytes(bytes[8..], scattered);
        return new Guid(bytes);
    }
}
