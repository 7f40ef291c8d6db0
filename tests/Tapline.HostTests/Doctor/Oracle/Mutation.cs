namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>One change of a host's state: the shell commands that make it, and those that take it back.</summary>
/// <param name="Kind">Which part of the host it changes.</param>
/// <param name="Inject">Run on the host; a change that the kernel refuses is none.</param>
/// <param name="Undo">Need not restore what <see cref="OracleHost.RestoreAsync"/> restores anyway.</param>
internal sealed record Mutation(string Kind, string Inject, string Undo = "true");
