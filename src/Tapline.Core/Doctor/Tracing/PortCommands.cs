using Tapline.Core.Host;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A port of Open vSwitch as the command that adds it.</summary>
internal static class PortCommands
{
    /// <param name="bridge">Whose port it becomes.</param>
    /// <param name="port">Its name and its device's.</param>
    /// <param name="tag">Its VLAN; null for a trunk.</param>
    /// <param name="request">What asks for an OpenFlow port number (<see cref="StaleNumbers"/>); empty for any.</param>
    /// <param name="externalIds">Of the interface.</param>
    /// <param name="otherConfig">Of the port.</param>
    public static string Add(string bridge, string port, int? tag, string request, IEnumerable<Setting> externalIds, IEnumerable<Setting> otherConfig)
    {
        var ofInterface = request + string.Concat(externalIds.Select(setting => $" external_ids:{setting.Name}={Value(setting.Value)}"));
        var ofPort = string.Concat(otherConfig.Select(setting => $" other_config:{setting.Name}={Value(setting.Value)}"));
        return $"ovs-vsctl --may-exist add-port {bridge} {port}{(tag is { } vlan ? $" tag={LinkStep.Number(vlan)}" : "")}"
            + (ofInterface.Length > 0 ? $" -- set Interface {port}{ofInterface}" : "")
            + (ofPort.Length > 0 ? $" -- set Port {port}{ofPort}" : "");
    }

    /// <summary>Only plain words need no quotes of ovs-vsctl's own, inside those of the shell.</summary>
    private static string Value(string value) => value.Length > 0 && value.All(char.IsAsciiLetter) ? value : Commands.Quoted($"\"{value}\"");
}
