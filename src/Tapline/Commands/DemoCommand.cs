using System.CommandLine;

namespace Tapline.Commands;

internal static class DemoCommand
{
    public static Command Make() => new("demo", "the whole story in an isolated lab");
}
