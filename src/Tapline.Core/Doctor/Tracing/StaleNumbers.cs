using System.Globalization;
using System.Text.RegularExpressions;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>OpenFlow port numbers that flows still speak of although their port has gone: who comes back with the same number finds its flows again.</summary>
internal static partial class StaleNumbers
{
    /// <summary>The words for ovs-vsctl that ask for the number; empty where none or several are stale.</summary>
    public static string Request(ObservedBridgeOfSwitch bridge)
    {
        var known = bridge.Ports.SelectMany(port => port.Interfaces).Select(device => device.Ofport).ToHashSet();
        var stale = bridge.Flows.Select(flow => InPort().Match(flow)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Where(number => !known.Contains(number)).Distinct().ToList();
        return stale is [var only] ? Request(only) : "";
    }

    /// <summary>The same for a number that is known.</summary>
    public static string Request(int number) => $" ofport_request={LinkStep.Number(number)}";

    [GeneratedRegex("in_port=(\\d+)[, ]")]
    private static partial Regex InPort();
}
