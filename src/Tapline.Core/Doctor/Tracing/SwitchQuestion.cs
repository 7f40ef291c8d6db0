using Tapline.Core.Doctor.Switching;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A trace asks: what does Open vSwitch do with this frame? Whoever drives the trace sets the answer before going on.</summary>
public sealed class SwitchQuestion(string bridge, string port, Packet packet)
{
    public string Bridge { get; } = bridge;

    public string Port { get; } = port;

    public Packet Packet { get; } = packet;

    public SwitchResult? Answer { get; set; }
}
