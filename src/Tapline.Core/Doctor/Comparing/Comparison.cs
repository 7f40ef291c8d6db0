using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>What should be, beside what is: at each hop, and in a note for each difference, also where the packet comes through.</summary>
public sealed class Comparison
{
    private const int MostNotes = 8;

    private readonly World _world;
    private readonly HostState _plan;
    private readonly ILookup<(string Namespace, string Device), HostItem> _wanted;
    private readonly Dictionary<(string Namespace, string Device), ValueList<Aspect>> _aspects = [];

    /// <param name="world">The host.</param>
    /// <param name="wanted">Tapline's plan for it; empty for a host that is not Tapline's, of which only its own notes are known.</param>
    public Comparison(World world, HostState wanted)
    {
        _world = world;
        _plan = wanted;
        _wanted = wanted.Items.Values.OrderBy(item => item.Key).ToLookup(PlaceOf);
    }

    /// <summary>
    /// The report with <see cref="Hop.Should"/> and <see cref="Hop.Is"/> at each hop, and the differences as notes; a router that is lost whole
    /// is named as that.
    /// </summary>
    public Report Beside(Report report)
    {
        var (request, reply) = (report.Request.Select(Compared).ToValueList(), report.Reply.Select(Compared).ToValueList());
        var notes = request.Concat(reply).Select(hop => (hop.Namespace, hop.Device, hop.Kind)).Distinct()
            .SelectMany(place => Of(place.Namespace, place.Device, place.Kind).Where(aspect => aspect.Deviates).Select(aspect => Words(place.Namespace, place.Device, aspect)))
            .Distinct().ToList();
        IEnumerable<string> more = notes.Count > MostNotes ? [$"{notes.Count - MostNotes} more things are not as they should be: see 'tapline diff'"] : [];
        var causes = report.Causes.Select(cause => cause with { Fault = LostNamespaces.Explain(_world, _plan, cause.Fault) }).ToValueList();
        return report with { Causes = causes, Request = request, Reply = reply, Notes = [.. report.Notes, .. notes.Take(MostNotes), .. more] };
    }

    private static string Words(string ns, string device, Aspect aspect) => aspect.Should is { Length: > 0 } should
        ? $"{device}{LinkFaults.In(ns)}: {aspect.Is} instead of {should}"
        : $"{device}{LinkFaults.In(ns)}: {aspect.Is}, which should not be there";

    private Hop Compared(Hop hop)
    {
        var aspects = Of(hop.Namespace, hop.Device, hop.Kind);
        return hop with { Should = Aspect.ShouldOf(aspects), Is = Aspect.IsOf(aspects) };
    }

    private ValueList<Aspect> Of(string ns, string device, string kind)
    {
        if (!_aspects.TryGetValue((ns, device), out var aspects))
        {
            aspects = [.. OfDevice(ns, device), .. kind is "router" or "bridge" ? OfNamespace(ns) : []];
            _aspects[(ns, device)] = aspects;
        }

        return aspects;
    }

    private IEnumerable<Aspect> OfDevice(string ns, string device) =>
        _wanted[(ns, device)].Any() ? _wanted[(ns, device)].SelectMany(item => PlannedAspects.Of(_world, item)) : NotedAspects.Of(_world, ns, device);

    /// <summary>What is no single device's is told where a packet meets it, and only where it deviates.</summary>
    private IEnumerable<Aspect> OfNamespace(string ns) => _wanted[(ns, "")].SelectMany(item => PlannedAspects.Of(_world, item)).Where(aspect => aspect.Deviates);

    private static (string Namespace, string Device) PlaceOf(HostItem item) => item switch
    {
        HostItem.Link link => (link.In, link.Name),
        HostItem.Address address => (address.In, address.Device),
        HostItem.Route route => (route.In, route.Device),
        HostItem.Sysctl sysctl => (sysctl.In, DeviceOf(sysctl.Path)),
        HostItem.OvsPort port => ("", port.Name),
        HostItem.OvsBridge bridge => ("", bridge.Name),
        HostItem.FlowTable table => ("", table.Bridge),
        HostItem.NftChain { In: "" } chain => ("", TapOf(chain.Name)),
        _ => (item.Key.Namespace, ""),
    };

    private static string DeviceOf(string sysctl) => sysctl.Split('/') is ["net", "ipv4" or "ipv6", "conf", not ("all" or "default") and var device, ..] ? device : "";

    /// <summary>A port's own chains are told at its TAP.</summary>
    private static string TapOf(string chain) =>
        new[] { "port-", "in-", "out-" }.FirstOrDefault(prefix => chain.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix ? "tap" + chain[prefix.Length..] : "";
}
