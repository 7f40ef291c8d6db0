namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A packet on its way through the chains of one hook.</summary>
internal sealed class WalkState(FilterContext context)
{
    public FilterContext Context { get; } = context;

    public Packet Packet { get; set; } = context.Packet;

    public Tracking? Tracking { get; set; } = context.Tracking;

    public ConnectionTable Connections { get; set; } = context.Connections;

    public int Zone { get; private set; } = context.Tracking?.Zone ?? 0;

    /// <summary>A zone was set: the packet bears a template of a connection, new by state, until conntrack looks.</summary>
    public bool HasTemplate { get; private set; }

    public bool IsUntracked { get; private set; }

    public string PacketType { get; set; } = context.PacketType;

    /// <summary>The first zone stays, and undoes "untracked" (nft_ct_set_zone_eval asks for a connection only).</summary>
    public void SetZone(int zone)
    {
        if (Tracking is null && !HasTemplate)
        {
            (Zone, HasTemplate, IsUntracked) = (zone, true, false);
        }
    }

    /// <summary>Without effect where there is a connection already, or a template (nft_notrack_eval, xt_ct_target).</summary>
    public void Untrack() => IsUntracked |= Tracking is null && !HasTemplate;

    public string? In => Context.In;

    public string? Out => Context.Out;
}
