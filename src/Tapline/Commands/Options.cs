using System.CommandLine;
using Tapline.Clouds;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    public static Option<bool> Json() => new("--json") { Description = "print JSON for programs" };

    /// <summary>Which lab; without it OS_CLOUD and clouds.yaml decide.</summary>
    public static Option<string?> LabName() => new("--lab") { Description = "the lab of this name (see 'tapline lab list')" };

    public static Option<string> HostOfLab() => new("--host") { Description = "with --lab: which host", DefaultValueFactory = _ => LabInit.HostName };

    /// <summary>The cloud that the options and the environment name.</summary>
    public static CloudClient Cloud(string? lab) => new(lab is null ? CloudAccess.FromEnvironment() : LabAccess.Of(Lab.Require(lab)));

    /// <summary>Inside a lab's host the lab that it belongs to, else null.</summary>
    public static string? InsideLab => Environment.GetEnvironmentVariable("TAPLINE_INSIDE") is { Length: > 0 } name ? name : null;
}
