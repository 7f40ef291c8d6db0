namespace Tapline.Wire.Ovs;

/// <summary>An OpenFlow exchange failed: what was tried and what the switch said.</summary>
public sealed class OpenFlowException(string attempted, string switchText) : Exception($"{attempted}: {switchText}")
{
    public string SwitchText { get; } = switchText;
}
