using System.Text.Json;

namespace Tapline.Wire.Ovs;

/// <summary>RFC 7047's table-updates: table → row → "old" and "new" columns.</summary>
public sealed record OvsdbUpdate(JsonElement Tables);
