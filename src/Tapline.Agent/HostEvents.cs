namespace Tapline.Agent;

/// <summary>The kernel's notifications, as a reason to look again.</summary>
internal static class HostEvents
{
    public static IEnumerable<Task> Follow(Action<Aspects> wake, CancellationToken cancellationToken)
    {
        _ = (wake, cancellationToken);
        return [];
    }
}
