using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Ovs;

namespace Tapline.Load;

/// <summary>A guest as a hypervisor would run it: a stack of its own behind a tap, here one end of a veth pair.</summary>
internal sealed class Guest : IDisposable
{
    private readonly Process _holder;
    private readonly RouteSocket _onHost;
    private readonly string _id;

    /// <summary>Makes the namespace and the tap, addressed and up, not yet joined to anything.</summary>
    public Guest(LabCloud lab, JsonObject port, int prefixLength)
    {
        _id = ((string)port["id"]!)[..11];
        Port = port;
        Mac = Convert.FromHexString(((string)port["mac_address"]!).Replace(":", "", StringComparison.Ordinal));
        Address = IPAddress.Parse((string)port["fixed_ips"]![0]!["ip_address"]!);
        _holder = Process.Start(new ProcessStartInfo("unshare", ["--net", "sleep", "600"]) { UseShellExecute = false })
            ?? throw new LoadException("unshare did not start");
        Machine.Wait(() => IsApart(_holder.Id), TimeSpan.FromSeconds(2), "a namespace for the guest");
        Namespace = NetNamespace.Open($"/proc/{_holder.Id}/ns/net");
        _onHost = RouteSocket.Open(lab.Host);
        byte[] hostMac = [0xfe, .. Mac[1..]];
        _onHost.AddVeth(Tap, "eth0", Namespace, hostMac, Mac, 1450, 1450);
        Offload.TransmitOff(Namespace, "eth0");
        using var inside = RouteSocket.Open(Namespace);
        inside.SetLink("lo", new LinkChange { Up = true });
        inside.SetLink("eth0", new LinkChange { Up = true });
        inside.AddAddress("eth0", Address, prefixLength);
        _onHost.SetLink(Tap, new LinkChange { Up = true });
    }

    public JsonObject Port { get; }

    public byte[] Mac { get; }

    public IPAddress Address { get; }

    public NetNamespace Namespace { get; }

    private string Tap => "tap" + _id;

    public void RouteBy(IPAddress gateway)
    {
        using var inside = RouteSocket.Open(Namespace);
        inside.AddRoute(null, 0, gateway, "eth0", 4);
    }

    /// <summary>Puts the tap on the bridge that the agent has made for the port.</summary>
    public void Join()
    {
        Machine.Wait(() => _onHost.Link("qbr" + _id) is not null, TimeSpan.FromSeconds(10), "the port's bridge");
        _onHost.SetLink(Tap, new LinkChange { Master = "qbr" + _id });
    }

    /// <summary>What os-vif does: bridge, veth pair, tap on the bridge; the switch port comes apart, for with it time begins.</summary>
    public void Plug()
    {
        _onHost.AddBridge("qbr" + _id, 1450);
        _onHost.AddVeth("qvb" + _id, "qvo" + _id, null, null, null, 1450, 1450);
        foreach (var (link, master) in new[] { ("qvb", "qbr" + _id), ("qvo", null), ("tap", "qbr" + _id), ("qbr", null) })
        {
            _onHost.SetLink(link + _id, new LinkChange { Master = master, Up = true });
        }
    }

    /// <summary>The switch port as os-vif writes it.</summary>
    public async Task AddSwitchPortAsync(OvsdbMirror switchOf)
    {
        var bridge = switchOf.Current.Named("Bridge", "br-int") ?? throw new LoadException("there is no br-int");
        var ids = new Dictionary<string, string>
        {
            ["iface-id"] = (string)Port["id"]!,
            ["attached-mac"] = (string)Port["mac_address"]!,
            ["iface-status"] = "active",
            ["vm-uuid"] = (string)Port["device_id"]!,
        };
        await new OvsdbTransaction()
            .Insert("Interface", new JsonObject { ["name"] = "qvo" + _id, ["external_ids"] = OvsValue.Map(ids) }, "device")
            .Insert("Port", new JsonObject { ["name"] = "qvo" + _id, ["interfaces"] = OvsValue.NamedUuid("device") }, "port")
            .Mutate("Bridge", bridge.Uuid, "ports", "insert", OvsValue.Set(OvsValue.NamedUuid("port")))
            .CommitAsync(switchOf.Client, CancellationToken.None);
    }

    public void Dispose()
    {
        if (_onHost.Link(Tap) is not null)
        {
            _onHost.DeleteLink(Tap);
        }

        _onHost.Dispose();
        Namespace.Dispose();
        _holder.Kill();
        _holder.WaitForExit();
        _holder.Dispose();
    }

    private static bool IsApart(int pid) =>
        new FileInfo($"/proc/{pid}/ns/net").LinkTarget is { } target && target != new FileInfo("/proc/self/ns/net").LinkTarget;
}
