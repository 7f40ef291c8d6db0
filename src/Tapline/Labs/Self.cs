namespace Tapline.Labs;

/// <summary>This very program, to be started again in other namespaces.</summary>
internal static class Self
{
    public static string Executable { get; } = Environment.ProcessPath ?? throw new InvalidOperationException("the program's own path is unknown");

    /// <summary>Where <c>tapline</c> is found on a lab's PATH.</summary>
    public static string Directory => Path.GetDirectoryName(Executable)!;
}
