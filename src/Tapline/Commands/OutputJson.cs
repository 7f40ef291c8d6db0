using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tapline.Commands;

[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(bool))]
internal sealed partial class OutputJson : JsonSerializerContext;
