namespace Tapline.Core.Doctor.Living;

/// <summary>What a frame is to a probe.</summary>
public enum Leg
{
    Request,
    Reply,

    /// <summary>It came to whom it was for, and nobody serves there: a TCP reset, ICMP "port unreachable".</summary>
    Refusal,

    /// <summary>Any other ICMP error about it.</summary>
    Error,
    ArpRequest,
    ArpReply,
}
