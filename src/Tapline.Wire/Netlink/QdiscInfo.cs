namespace Tapline.Wire.Netlink;

/// <summary>A queueing discipline of a link.</summary>
/// <param name="LinkIndex">Whose.</param>
/// <param name="Handle">Its own number, major in the upper 16 bits.</param>
/// <param name="Parent">Where it hangs: <see cref="Root"/>, <see cref="Ingress"/> or a class.</param>
/// <param name="Kind"><c>noqueue</c>, <c>fq_codel</c>, <c>clsact</c> …</param>
public sealed record QdiscInfo(int LinkIndex, uint Handle, uint Parent, string Kind)
{
    /// <summary>TC_H_ROOT.</summary>
    public const uint Root = 0xffff_ffff;

    /// <summary>TC_H_INGRESS, which is TC_H_CLSACT as well.</summary>
    public const uint Ingress = 0xffff_fff1;
}
