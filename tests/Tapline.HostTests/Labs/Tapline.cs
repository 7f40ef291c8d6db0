namespace Tapline.HostTests.Labs;

/// <summary>The built program.</summary>
internal static class Tapline
{
    /// <summary>Beside the test assembly's directory, in the same configuration.</summary>
    public static string Executable { get; } = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Tapline", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "tapline");

    public static Task<Shell.Result> RunAsync(params IEnumerable<string> arguments) => Shell.RunAsync([Path.GetFullPath(Executable), .. arguments]);
}
