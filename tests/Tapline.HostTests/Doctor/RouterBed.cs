using System.Diagnostics;
using System.Net;
using Tapline.Core.Doctor;
using Tapline.Core.Primitives;
using Tapline.HostTests.Wire;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Doctor;

/// <summary>
/// A namespace that forwards between two veth legs, <c>l0</c> (10.1.0.1/16) and <c>l1</c> (10.2.0.1/16), whose far ends are raw sockets.
/// </summary>
internal sealed class RouterBed : IDisposable
{
    public const string Left = "l0";
    public const string Right = "l1";

    private static readonly string[] Own = ["10.1.0.1", "10.2.0.1"];
    private static readonly byte[] LeftMac = [2, 0, 0, 0, 1, 1];
    private static readonly byte[] RightMac = [2, 0, 0, 0, 2, 1];
    private static readonly byte[] PeerMac = [2, 0, 0, 0, 9, 9];

    private readonly ScratchNamespace _router = new();
    private readonly ScratchNamespace _ends = new();
    private readonly PacketSocket _left;
    private readonly PacketSocket _right;
    private readonly PacketSocket _enteredLeft;
    private readonly PacketSocket _enteredRight;
    private readonly HashSet<uint> _heldBack = [];
    private readonly ConntrackSocket _conntrack;
    private readonly string _lock = Path.GetTempFileName();

    public RouterBed()
    {
        using (var route = RouteSocket.Open(_router.Namespace))
        using (var ends = RouteSocket.Open(_ends.Namespace))
        {
            foreach (var (name, peer, mac, address) in new[] { (Left, "p0", LeftMac, "10.1.0.1"), (Right, "p1", RightMac, "10.2.0.1") })
            {
                route.AddVeth(name, peer, _ends.Namespace, mac, PeerMac, 1500, 1500);
                ends.SetLink(peer, new LinkChange { Up = true });
                route.SetLink(name, new LinkChange { Up = true });
                route.AddAddress(name, IPAddress.Parse(address), 16);

                // Without ARP every neighbour is taken to be there.
                Run("ip", "", "link", "set", name, "arp", "off");
            }
        }

        Sysctl.WriteMany(_router.Namespace,
        [
            new("net/ipv4/ip_forward", "1"),
            new("net/ipv4/conf/all/rp_filter", "0"), new($"net/ipv4/conf/{Left}/rp_filter", "0"), new($"net/ipv4/conf/{Right}/rp_filter", "0"),
            new("net/ipv4/conf/all/send_redirects", "0"), new($"net/ipv4/conf/{Left}/send_redirects", "0"), new($"net/ipv4/conf/{Right}/send_redirects", "0"),
        ]);
        _left = PacketSocket.Open(_ends.Namespace, "p0", promiscuous: false);
        _right = PacketSocket.Open(_ends.Namespace, "p1", promiscuous: false);
        _enteredLeft = PacketSocket.Open(_router.Namespace, Left, promiscuous: false);
        _enteredRight = PacketSocket.Open(_router.Namespace, Right, promiscuous: false);
        _conntrack = ConntrackSocket.Open(_router.Namespace);
        Nft = NftablesContext.Open(_router.Namespace);
    }

    public NftablesContext Nft { get; }

    public static MacAddress MacOf(string device) => MacAddress.FromBytes(device == Left ? LeftMac : RightMac);

    public static MacAddress Peer => MacAddress.FromBytes(PeerMac);

    public void ForgetConnections()
    {
        foreach (var entry in _conntrack.Dump())
        {
            _conntrack.Delete(entry);
        }
    }

    /// <summary>Sends the packet into a leg; what comes out of either, or null where nothing does.</summary>
    public (string Device, ParsedFrame Frame)? Send(string device, Packet packet, ushort identification, bool isAnswer, bool expectsNone)
    {
        var frame = PacketBytes.Of(packet, identification, isAnswer);
        (device == Left ? _left : _right).Send(frame);

        // A loaded kernel puts off what comes in; once it was seen there, its fate is decided within moments.
        var entered = device == Left ? _enteredLeft : _enteredRight;
        for (var waited = 0; Find(entered, identification) is null; waited++)
        {
            Assert.True(waited < 1000, $"packet {identification} did not enter {device}");
            Thread.Sleep(waited < 3 ? 0 : 1);
        }

        for (var waited = 0; waited <= 60; waited++)
        {
            if (Find(_left, identification) is { } left)
            {
                return (Left, left);
            }

            if (Find(_right, identification) is { } right)
            {
                return (Right, right);
            }

            if (expectsNone && waited >= 2)
            {
                _heldBack.Add(identification);
                return null;
            }

            Thread.Sleep(waited == 0 ? 0 : 1);
        }

        return null;
    }

    /// <summary>Runs a program in the router's namespace, with some input, and hands back what it printed.</summary>
    public string Run(string program, string input, params string[] arguments) => _router.Namespace.Run(() =>
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XTABLES_LOCKFILE"] = _lock;
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new IOException($"{program} {string.Join(' ', arguments)}: {errors}\n{input}");
    });

    public void Dispose()
    {
        Nft.Dispose();
        _conntrack.Dispose();
        _enteredLeft.Dispose();
        _enteredRight.Dispose();
        _left.Dispose();
        _right.Dispose();
        _router.Dispose();
        _ends.Dispose();
        File.Delete(_lock);
    }

    private ParsedFrame? Find(PacketSocket socket, ushort identification)
    {
        while (socket.Receive(0) is { } captured)
        {
            if (captured.IsOutgoing || ParsedFrame.Parse(captured.Bytes) is not { Identification: { } id } parsed)
            {
                continue;
            }

            // An error that the router itself sends (REJECT) bears a number of the kernel's choice, now and then one of a packet's.
            if (_heldBack.Contains(id) && !(parsed is { IcmpType: 3, SourceIp: { } source } && Own.Contains(source.ToString())))
            {
                throw new IOException($"packet {id} came out after all: {parsed}");
            }

            if (id == identification)
            {
                return parsed;
            }
        }

        return null;
    }
}
