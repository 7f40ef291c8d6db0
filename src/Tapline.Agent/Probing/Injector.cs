using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>
/// Lets frames come in by a device as if what is behind it had sent them. A veth pair's near end is in a namespace that only this process
/// holds: when the process ends, however it ends, both ends are gone, and what was attached to them.
/// </summary>
internal sealed class Injector : IDisposable
{
    private const string Near = "near";

    private readonly NetNamespace _held;
    private readonly PacketSocket _socket;

    public Injector(NetNamespace ns, string device)
    {
        _held = NetNamespace.CreateHeld();
        try
        {
            var far = $"tpl{Environment.ProcessId}";
            using var there = RouteSocket.Open(ns);
            using var here = RouteSocket.Open(_held);
            var mtu = there.Link(device)?.Mtu ?? 1500;
            there.AddVeth(far, Near, _held, null, null, mtu, mtu);

            // Nothing may be said of its own accord: it would be said as the instance.
            Silence(_held, Near);
            Silence(ns, far);
            there.RedirectIngress(far, device);
            there.SetLink(far, new LinkChange { Up = true });
            here.SetLink(Near, new LinkChange { Up = true });
            _socket = PacketSocket.Open(_held, Near, promiscuous: false);
        }
        catch
        {
            _held.Dispose();
            throw;
        }
    }

    public void Send(ReadOnlySpan<byte> frame) => _socket.Send(frame);

    public void Dispose()
    {
        // The kernel ends the namespace some time later; the pair is to be gone now.
        using (var here = RouteSocket.Open(_held))
        {
            here.DeleteLink(Near);
        }

        _socket.Dispose();
        _held.Dispose();
    }

    private static void Silence(NetNamespace ns, string device)
    {
        var path = $"net/ipv6/conf/{device}/disable_ipv6";
        if (Sysctl.Read(ns, path) is not null)
        {
            Sysctl.Write(ns, path, "1");
        }
    }
}
