namespace Tapline.Wire.Ovs;

/// <summary>A control command failed: what was called and what the program said.</summary>
public sealed class UnixctlException(string attempted, string answer) : Exception($"{attempted}: {answer}")
{
    public string Answer { get; } = answer;
}
