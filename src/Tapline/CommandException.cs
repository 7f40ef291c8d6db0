namespace Tapline;

/// <summary>A command can not do what was asked; the message says what was wrong, where, and what to do.</summary>
internal sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
