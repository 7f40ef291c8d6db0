using System.CommandLine;

namespace Tapline.Commands;

internal static class ServerCommand
{
    public static Command Make() => new("server", "the Networking and Identity API");
}
