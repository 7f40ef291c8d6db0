using Tapline.Core.Doctor.Netfilter;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>How one branch of a packet's way ends.</summary>
public abstract record End
{
    /// <summary>A namespace's own stack takes it: it is for one of its addresses.</summary>
    public sealed record Delivered(string Namespace, string Device, Packet Packet, Tracking? Tracking) : End;

    /// <summary>An ARP request is answered: the answer starts where <paramref name="Reply"/> says.</summary>
    public sealed record Answered(string Namespace, string Device, Position Reply) : End;

    /// <summary>An ARP answer has come to who asked.</summary>
    public sealed record Learned(string Namespace, string Device, Primitives.MacAddress Mac) : End;

    /// <summary>Handed to a hypervisor's guest, into which nobody looks.</summary>
    public sealed record ToGuest(string Device, Packet Packet) : End;

    /// <summary>It leaves the host by a NIC.</summary>
    public sealed record ToOutside(string Device, Packet Packet) : End;

    /// <summary>A stack that it was not meant for has seen it.</summary>
    public sealed record Ignored(string Namespace, string Device, Packet Packet, string Why) : End;

    /// <summary>It is dropped.</summary>
    public sealed record Lost(Fault Fault) : End
    {
        /// <summary>Other copies went on from the same bridge of the switch, so that this one may not have mattered.</summary>
        public bool IsOneOfSeveral { get; init; }
    }

    /// <summary>It can not be told what becomes of it.</summary>
    public sealed record Unsure(string Namespace, string Device, string Missing) : End;
}
