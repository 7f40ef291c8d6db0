using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>A program that a network depends on.</summary>
public sealed record ObservedProcess
{
    public required int Pid { get; init; }

    /// <summary>Its short name, as in /proc/PID/comm.</summary>
    public required string Name { get; init; }

    /// <summary>The network namespace it runs in, named as in <see cref="ObservedNamespace.Name"/>.</summary>
    public required string Namespace { get; init; }

    /// <summary>Of /proc/PID/stat: <c>S</c> sleeping, <c>R</c> running, <c>T</c> stopped, <c>Z</c> dead …</summary>
    public required string State { get; init; }

    public ValueList<string> Arguments { get; init; }

    /// <summary>Files that tell what it serves: dnsmasq's hosts, options and leases.</summary>
    public ValueList<ProcessFile> Files { get; init; }
}
