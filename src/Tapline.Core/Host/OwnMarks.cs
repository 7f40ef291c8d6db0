namespace Tapline.Core.Host;

/// <summary>Marks of Tapline's own objects that the agent sets and the doctor writes into commands (docs/design.md).</summary>
public static class OwnMarks
{
    /// <summary>In a link's alias, before the resource it serves.</summary>
    public const string Alias = "tapline:";

    /// <summary>The routing protocol number of Tapline's routes; unassigned in the kernel's and iproute2's lists.</summary>
    public const byte RouteProtocol = 211;
}
