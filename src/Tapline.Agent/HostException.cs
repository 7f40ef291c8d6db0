namespace Tapline.Agent;

/// <summary>The host refused a change; the message says which and why.</summary>
public sealed class HostException(string message, Exception? inner = null) : Exception(message, inner);
