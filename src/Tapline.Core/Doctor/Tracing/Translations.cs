using System.Text.RegularExpressions;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Flows between local VLANs and the wire: each has a reverse on the bridge at the other end of the patch, from which it can be told when it is gone.</summary>
internal static partial class Translations
{
    /// <summary>The flow that the packet should have met; null where it is none of these that is missing.</summary>
    public static string? For(World world, ObservedBridgeOfSwitch bridge, string port, Packet packet) =>
        world.Port(port) is { Interface.Type: "patch" } patch
            ? Reverse(world, patch.Interface).Where(flow => Suits(flow, packet)).Select(flow => flow.Text).FirstOrDefault(text => !Has(bridge, text))
            : null;

    /// <summary>All that a bridge without flows needs.</summary>
    public static IEnumerable<string> Missing(World world, ObservedBridgeOfSwitch bridge) =>
        bridge.Ports.SelectMany(port => port.Interfaces).Where(device => device.Type == "patch")
            .SelectMany(device => Reverse(world, device)).Select(flow => flow.Text);

    /// <summary>What a patch port that is yet to be made needs on its own bridge, told by the flows of the other.</summary>
    public static IEnumerable<string> Missing(World world, ObservedBridgeOfSwitch far, string patch) =>
        far.Ports.SelectMany(port => port.Interfaces).Where(device => device.Type == "patch" && device.Option("peer") == patch)
            .SelectMany(device => Reverse(world, far, device.Name, patch)).Select(flow => flow.Text);

    private static IEnumerable<(string Text, int? From)> Reverse(World world, ObservedInterface patch) =>
        patch.Option("peer") is { } peer && world.Port(peer) is { } far ? Reverse(world, far.Bridge, peer, patch.Name) : [];

    /// <summary>The reverse, at <paramref name="patch"/>, of each flow of the far bridge; where a network's segment is noted, with that one, for the far flow may be wrong.</summary>
    private static IEnumerable<(string Text, int? From)> Reverse(World world, ObservedBridgeOfSwitch far, string peer, string patch)
    {
        var isIntegration = far.Ports.Any(port => port.Tag is not null); // tells the two ways apart where one VLAN is changed for another
        foreach (var flow in far.Flows.Where(flow => IsFrom(flow, peer)))
        {
            if ((!isIntegration || FromWire(flow) is null) && ToWire(flow) is var (sent, to))
            {
                var wire = Segments.Noted(world, sent) is (true, var noted) ? noted : to;
                yield return (Back(patch, sent, wire), wire);
            }
            else if (FromWire(flow) is var (taken, from))
            {
                yield return (There(patch, taken, Segments.Noted(world, taken) is (true, var noted) ? noted : from), taken);
            }
        }
    }

    /// <summary>From the local VLAN to the wire, on the provider's bridge, and in by its end of the patch.</summary>
    /// <param name="patch">That end.</param>
    /// <param name="local">The VLAN on br-int.</param>
    /// <param name="wire">The VLAN on the wire; null: untagged.</param>
    public static string There(string patch, int local, int? wire) =>
        $"priority=4,in_port={patch},dl_vlan={LinkStep.Number(local)},actions={(wire is { } vlan ? $"mod_vlan_vid:{LinkStep.Number(vlan)}" : "strip_vlan")},NORMAL";

    /// <summary>From the wire to the local VLAN, on br-int, and in by its end of the patch.</summary>
    /// <param name="patch">That end.</param>
    /// <param name="local">The VLAN on br-int.</param>
    /// <param name="wire">The VLAN on the wire; null: untagged.</param>
    public static string Back(string patch, int local, int? wire) =>
        $"priority=3,in_port={patch},{(wire is { } vlan ? $"dl_vlan={LinkStep.Number(vlan)}" : "vlan_tci=0x0000/0x1fff")},actions=mod_vlan_vid:{LinkStep.Number(local)},NORMAL";

    private static bool Suits((string Text, int? From) flow, Packet packet) => flow.From is null || packet.Vlan is null || flow.From == packet.Vlan;

    /// <summary><c>mod_vlan_vid:2</c>, or <c>set_field:4098-&gt;vlan_vid</c> (with the bit that says there is a tag).</summary>
    private static string Vlan(Match match) => match.Groups[1].Success ? match.Groups[1].Value
        : (int.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture) & 0xfff).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A flow that leads a local VLAN to the wire: with which VLAN there (null: untagged); null for other flows.</summary>
    public static (int Local, int? Wire)? ToWire(string flow)
    {
        var (from, to) = (Tag().Match(flow), NewTag().Match(flow));
        return !from.Success ? null
            : to.Success ? (Number(from.Groups[1].Value), Number(Vlan(to)))
            : Strips(flow) ? (Number(from.Groups[1].Value), null) : null;
    }

    /// <summary>A flow that leads the wire to a local VLAN; null for other flows.</summary>
    public static (int Local, int? Wire)? FromWire(string flow)
    {
        var (from, to) = (Tag().Match(flow), NewTag().Match(flow));
        return !to.Success ? null : (Number(Vlan(to)), from.Success ? Number(from.Groups[1].Value) : null);
    }

    /// <summary>Some flow of the bridge translates the same, whatever else it does.</summary>
    /// <param name="bridge">Whose flows.</param>
    /// <param name="flow">As <see cref="There"/> and <see cref="Back"/> write it.</param>
    public static bool Has(ObservedBridgeOfSwitch bridge, string flow) =>
        bridge.Flows.Any(line => IsFrom(line, InPort().Match(flow).Groups[1].Value) && FromWire(line) == FromWire(flow) && ToWire(line) == ToWire(flow));

    public static bool IsFrom(string flow, string port) =>
        flow.Contains($"in_port={port}", StringComparison.Ordinal) || flow.Contains($"in_port=\"{port}\"", StringComparison.Ordinal);

    private static bool Strips(string flow) => flow.Contains("strip_vlan", StringComparison.Ordinal) || flow.Contains("pop_vlan", StringComparison.Ordinal);

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("in_port=([^,]+)")]
    private static partial Regex InPort();

    [GeneratedRegex("dl_vlan=(\\d+)")]
    private static partial Regex Tag();

    [GeneratedRegex("(?:mod_vlan_vid|set_vlan_vid):(\\d+)|set_field:(\\d+)->vlan_vid")]
    private static partial Regex NewTag();
}
