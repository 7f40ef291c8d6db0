using System.Net;
using System.Net.Sockets;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Processes;

/// <summary>Ends leases that dnsmasq would otherwise hold against the address' next owner.</summary>
internal sealed class DhcpLeases(NamespaceHandles handles)
{
    private static readonly TimeSpan Reread = TimeSpan.FromMilliseconds(50);

    /// <param name="server">The dnsmasq process.</param>
    /// <param name="removed">Host files as they were: <c>MAC,ADDRESS,NAME</c> lines.</param>
    /// <param name="cancellationToken">Ends the wait for dnsmasq to have read the directory again.</param>
    public async Task ReleaseAsync(HostItem.Process server, IEnumerable<ProcessFile> removed, CancellationToken cancellationToken)
    {
        await Task.Delay(Reread, cancellationToken).ConfigureAwait(false);
        var entries = removed.Where(file => file.Name.StartsWith("hosts/", StringComparison.Ordinal))
            .SelectMany(file => file.Content.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(line => line.Split(','))
            .Where(parts => parts.Length >= 2)
            .Select(parts => (Mac: MacAddress.Parse(parts[0]), Address: IpAddress.Parse(parts[1])))
            .ToList();
        if (entries.Count == 0)
        {
            return;
        }

        var open = handles.Of(server.In);
        var own = open.Route.Addresses().Select(address => new IpPrefix(IpAddress.From(address.Address), address.PrefixLength)).ToList();
        foreach (var (mac, address) in entries)
        {
            var answering = own.FirstOrDefault(prefix => prefix.Contains(address));
            if (answering != default)
            {
                open.Namespace.Run(() => Send(answering.Address, address, mac));
            }
        }
    }

    private static void Send(IpAddress server, IpAddress address, MacAddress mac)
    {
        using var socket = new UdpClient(AddressFamily.InterNetwork);
        var release = DhcpPayloads.DhcpRelease(address.ToIPAddress(), mac.ToBytes(), server.ToIPAddress(), (uint)mac.Value);
        socket.Send(release, new IPEndPoint(server.ToIPAddress(), DhcpPayloads.ServerPort));
    }
}
