using System.Diagnostics;

namespace Tapline.Core.Host;

/// <summary>Items as a network engineer reads them.</summary>
public static class HostText
{
    public static string Line(HostItem item) => $"{item.Key}{Details(item)}";

    private static string Details(HostItem item) => item switch
    {
        HostItem.Namespace => "",
        HostItem.Link link => LinkDetails(link),
        HostItem.Address => "",
        HostItem.Route route => $"{(route.Via is { } via ? $" via {via}" : "")} dev {route.Device}",
        HostItem.Sysctl sysctl => $" = {sysctl.Value}",
        HostItem.OvsBridge bridge => $" {bridge.DatapathType} {bridge.FailMode}",
        HostItem.OvsPort port => OvsPortDetails(port),
        HostItem.FlowTable table => string.Concat(table.Flows.Select(flow =>
            $"\n    table={flow.Table},priority={flow.Priority},{flow.Match} actions={flow.Actions}")),
        HostItem.NftSet set => $" {set.Declaration}{Lines(set.Elements)}",
        HostItem.NftVerdictMap map => $" {map.Declaration}{Lines(map.Elements)}",
        HostItem.NftChain chain => (chain.Hook.Length > 0 ? $" {chain.Hook}" : "") + Lines(chain.Rules.IsEmpty ? chain.Fingerprint : chain.Rules),
        HostItem.Process process => $" {string.Join(' ', process.Command)}"
            + string.Concat(process.Files.Select(file => $"\n    {file.Name}: {file.Content.TrimEnd().ReplaceLineEndings("\n        ")}")),
        _ => throw new UnreachableException(),
    };

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => $"\n    {line}"));

    private static string LinkDetails(HostItem.Link link) =>
        $" {link.Kind.ToString().ToLowerInvariant()}"
        + (link.Peer is { } peer ? $" peer {(peer.In.Length > 0 ? peer.In + "/" : "")}{peer.Name}" : "")
        + (link.Mac is { } mac ? $" mac {mac}" : "")
        + (link.Mtu is { } mtu ? $" mtu {mtu}" : "")
        + (string.IsNullOrEmpty(link.Master) ? "" : $" master {link.Master}")
        + (link.Up ? " up" : " down")
        + (link.TransmitOffload is false ? " tx-offload off" : "");

    private static string OvsPortDetails(HostItem.OvsPort port) =>
        $" on {port.Bridge}"
        + (port.Tag is { } tag ? $" tag {tag}" : "")
        + (port.PatchPeer is { } peer ? $" patch to {peer}" : "")
        + string.Concat(port.ExternalIds.Select(setting => $" {setting.Name}={setting.Value}"));
}
