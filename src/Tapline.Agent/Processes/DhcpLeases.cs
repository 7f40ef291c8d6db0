using Tapline.Core.Host;
using Tapline.Core.Primitives;

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
        using var socket = new System.Net.Sockets.UdpClient(System.Net.Sockets.AddressFamily.InterNetwork);
        socket.Send(DhcpRelease.Build(server, address, mac), new System.Net.IPEndPoint(server.ToIPAddress(), 67));
    }

    /// <summary>DHCPRELEASE (RFC 2131, 4.4.4).</summary>
    private static class DhcpRelease
    {
        public static byte[] Build(IpAddress server, IpAddress address, MacAddress mac)
        {
            var message = new byte[240 + 3 + 6 + 1];
            message[0] = 1; // BOOTREQUEST
            message[1] = 1; // Ethernet
            message[2] = 6;
            BitConverter.TryWriteBytes(message.AsSpan(4), (int)mac.Value);
            address.ToIPAddress().TryWriteBytes(message.AsSpan(12), out _); // ciaddr
            mac.ToBytes().CopyTo(message.AsSpan(28)); // chaddr
            ((ReadOnlySpan<byte>)[0x63, 0x82, 0x53, 0x63, 53, 1, 7, 54, 4]).CopyTo(message.AsSpan(236)); // cookie, type RELEASE, server id
            server.ToIPAddress().TryWriteBytes(message.AsSpan(245), out _);
            message[249] = 255;
            return message;
        }
    }
}
