using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;

namespace Tapline.Agent;

/// <summary>Open sockets into the host's own and each named namespace; opening them costs a thread each time, so they are kept.</summary>
public sealed class NamespaceHandles : IDisposable
{
    private readonly Dictionary<string, Handles> _open = [];
    private readonly Lock _lock = new(); // guards _open

    /// <summary>The handles for that namespace, empty for the host's own; re-opened when the name has come to mean another namespace.</summary>
    public Handles Of(string name)
    {
        lock (_lock)
        {
            var ns = name.Length == 0 ? NetNamespace.Current() : NetNamespace.Open(HostPaths.NamespacePath(name));
            if (_open.TryGetValue(name, out var known) && known.Namespace.Inode == ns.Inode)
            {
                ns.Dispose();
                return known;
            }

            known?.Dispose();
            return _open[name] = new Handles(ns);
        }
    }

    /// <summary>Closes what is open there, so that the namespace can end.</summary>
    public void Forget(string name)
    {
        lock (_lock)
        {
            if (_open.Remove(name, out var known))
            {
                known.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var handles in _open.Values)
            {
                handles.Dispose();
            }

            _open.Clear();
        }
    }

    /// <summary>What is open in one namespace.</summary>
    public sealed class Handles(NetNamespace ns) : IDisposable
    {
        private readonly Lazy<NftablesContext> _nft = new(() => NftablesContext.Open(ns));

        public NetNamespace Namespace { get; } = ns;

        public RouteSocket Route { get; } = RouteSocket.Open(ns);

        public NftablesContext Nft => _nft.Value;

        public void Dispose()
        {
            Route.Dispose();
            if (_nft.IsValueCreated)
            {
                _nft.Value.Dispose();
            }

            Namespace.Dispose();
        }
    }
}
