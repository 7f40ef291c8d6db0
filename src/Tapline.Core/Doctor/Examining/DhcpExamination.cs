using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>
/// Why an instance has no address: its DISCOVER to the network's DHCP server, and the OFFER back (RFC 2131). A stepper as
/// <see cref="Examination"/> is.
/// </summary>
public sealed class DhcpExamination(World world, Topology intent, Inquiry inquiry, Endpoint from)
{
    private const int ClientPort = 68;
    private const int ServerPort = 67;

    private readonly Walk _walk = new(world);
    private readonly GuestFacts _guest = from.Guest!;
    private Fault? _fault;
    private string _direction = "request";
    private string? _missing;
    private IReadOnlyList<Hop> _request = [];
    private IReadOnlyList<Hop> _reply = [];

    public Report Report { get; private set; } = Report.Empty(inquiry);

    public IEnumerable<SwitchQuestion> Run()
    {
        if (_guest.Mac is not { } mac)
        {
            _missing = $"nothing on this host tells the MAC of {_guest.Tap}";
            Conclude();
            yield break;
        }

        var branches = new List<Branch>();
        foreach (var question in _walk.Follow(Start(Discover(mac)), branches))
        {
            yield return question;
        }

        var served = branches.Find(branch => ServerAt(branch) is not null);
        var best = served ?? branches.Where(branch => !Asides.IsAside(world, branch)).OrderByDescending(branch => branch.Trail?.Length ?? 0).FirstOrDefault();
        _request = best?.Hops ?? [];
        if (served is null)
        {
            _missing = branches.Select(branch => branch.End).OfType<End.Unsure>().FirstOrDefault()?.Missing;
            _fault = _missing is not null ? null : DhcpFaults.Unserved(world, _guest, from.Address, branches);
            Conclude();
            yield break;
        }

        var (server, ns, device) = ServerAt(served)!.Value;
        _fault = DhcpFaults.OfServer(server, _guest, from.Address);
        if (_fault is null)
        {
            foreach (var question in Offered(ns, device, mac))
            {
                yield return question;
            }
        }

        Conclude();
    }

    private IEnumerable<SwitchQuestion> Offered(string ns, string device, MacAddress mac)
    {
        _direction = "reply";
        var branches = new List<Branch>();
        foreach (var question in _walk.Follow(new Position.Leaving(ns, device, Offer(ns, device, mac)), branches))
        {
            yield return question;
        }

        var arrived = branches.Find(branch => branch.End is End.ToGuest guest ? guest.Device == _guest.Tap
            : _guest.Inside is { } inside && branch.Hops.Any(hop => (hop.Namespace, hop.Device) == inside));
        var best = arrived ?? branches.OrderByDescending(branch => branch.End is End.Lost).ThenByDescending(branch => branch.Trail?.Length ?? 0).FirstOrDefault();
        _reply = best?.Hops ?? [];
        _missing = arrived is null && best?.End is End.Unsure unsure ? unsure.Missing : null;
        _fault = arrived is not null || _missing is not null ? null
            : best?.End is End.Lost lost ? lost.Fault
            : new Fault { Code = "dhcp.offer-lost", Namespace = ns, Device = device, Summary = $"the DHCP server answers, but its OFFER does not come to {_guest.Tap}" };
    }

    private Position Start(Packet packet) => _guest.Inside is { } inside
        ? new Position.Leaving(inside.Namespace, inside.Device, packet)
        : new Position.Arriving("", _guest.Tap, packet);

    private static Packet Discover(MacAddress mac) => new()
    {
        EtherSource = mac,
        EtherDestination = MacAddress.Parse("ff:ff:ff:ff:ff:ff"),
        EtherType = Packet.EtherIpv4,
        Source = new IpAddress(0, IsV6: false),
        Destination = IpAddress.Parse("255.255.255.255"),
        Protocol = Packet.Udp,
        SourcePort = ClientPort,
        DestinationPort = ServerPort,
        Length = 328,
    };

    private Packet Offer(string ns, string device, MacAddress mac) => new()
    {
        EtherSource = world.Link(ns, device)?.Mac ?? default,
        EtherDestination = mac,
        EtherType = Packet.EtherIpv4,
        Source = world.Namespace(ns).Addresses.Where(address => address.Device == device && !address.Prefix.Address.IsV6).Select(address => address.Prefix.Address).FirstOrDefault(),
        Destination = from.Address,
        Protocol = Packet.Udp,
        SourcePort = ServerPort,
        DestinationPort = ClientPort,
        Length = 328,
    };

    private (ObservedProcess Process, string Namespace, string Device)? ServerAt(Branch branch) =>
        branch.End is End.Ignored { Packet.DestinationPort: ServerPort } end
        && world.Seen.Processes.FirstOrDefault(process => process.Name == "dnsmasq" && process.Namespace == end.Namespace && end.Namespace.Length > 0) is { } server
            ? (server, end.Namespace, end.Device)
            : null;

    private void Conclude() => Report = Verdicts.OfDhcp(world, intent, inquiry, from, _fault, _direction, _missing, _request, _reply);
}
