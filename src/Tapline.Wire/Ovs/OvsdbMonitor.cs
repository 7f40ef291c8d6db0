using System.Text.Json;
using System.Threading.Channels;

namespace Tapline.Wire.Ovs;

/// <summary>What was there when monitoring began, and all that follows; the channel ends with the connection.</summary>
public sealed record OvsdbMonitor(JsonElement Initial, ChannelReader<OvsdbUpdate> Updates);
