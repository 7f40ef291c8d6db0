namespace Tapline.Wire.Ovs;

/// <summary>A port of a switch; numbers above 0xffffff00 are reserved ones (0xfffffffe is the bridge's own).</summary>
public sealed record SwitchPort(uint Number, string Name, byte[] Mac, bool IsDown);
