namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A packet on its way through the chains of one hook.</summary>
internal sealed class WalkState(FilterContext context)
{
    public FilterContext Context { get; } = context;

    public Packet Packet { get; set; } = context.Packet;

    public Tracking? Tracking { get; set; } = context.Tracking;

    public ConnectionTable Connections { get; set; } = context.Connections;

    /// <summary>Set by rules before conntrack looks.</summary>
    public int Zone { get; set; } = context.Tracking?.Zone ?? 0;

    public bool IsUntracked { get; set; }

    public string PacketType { get; set; } = context.PacketType;

    public string? In => Context.In;

    public string? Out => Context.Out;
}
