using Tapline.Core.Host;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Apply;

/// <summary>Addresses and routes.</summary>
internal sealed class AddressApplier(NamespaceHandles handles)
{
    private static readonly int[] Gone = [2, 3, 19, 99]; // ENOENT, ESRCH, ENODEV, EADDRNOTAVAIL

    public void Add(HostItem.Address item) =>
        handles.Of(item.In).Route.AddAddress(item.Device, item.Prefix.Address.ToIPAddress(), item.Prefix.Length);

    public void Delete(HostItem.Address item) =>
        Removing(() => handles.Of(item.In).Route.DeleteAddress(item.Device, item.Prefix.Address.ToIPAddress(), item.Prefix.Length));

    public void Add(HostItem.Route item) => handles.Of(item.In).Route.AddRoute(
        item.Destination.Address.ToIPAddress(), item.Destination.Length, item.Via?.ToIPAddress(), item.Device, OwnMarks.RouteProtocol);

    public void Delete(HostItem.Route item) => Removing(() => handles.Of(item.In).Route.DeleteRoute(
        item.Destination.Address.ToIPAddress(), item.Destination.Length, item.Via?.ToIPAddress(), item.Device, OwnMarks.RouteProtocol));

    private static void Removing(Action removal)
    {
        try
        {
            removal();
        }
        catch (NetlinkException error) when (Gone.Contains(error.Errno))
        {
            // What should go has gone.
        }
    }
}
