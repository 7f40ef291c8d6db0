using System.Text.Json.Serialization;
using Tapline.Core.Model;

namespace Tapline.Core.Host.Observed;

/// <summary>How an <see cref="Observation"/> is written; <see cref="ObservationJson"/> is the way in.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(IpAddressConverter), typeof(IpPrefixConverter), typeof(MacAddressConverter), typeof(ValueListConverter<string>),
        typeof(ValueListConverter<int>), typeof(ValueListConverter<Setting>), typeof(ValueListConverter<ProcessFile>),
        typeof(ValueListConverter<NextHop>), typeof(ValueListConverter<RuleDump>), typeof(ValueListConverter<LearnedMac>),
        typeof(ValueListConverter<ObservedNamespace>), typeof(ValueListConverter<ObservedLink>), typeof(ValueListConverter<ObservedAddress>),
        typeof(ValueListConverter<ObservedRoute>), typeof(ValueListConverter<ObservedRule>), typeof(ValueListConverter<ObservedNeighbour>),
        typeof(ValueListConverter<ObservedFdbEntry>), typeof(ValueListConverter<ObservedQdisc>), typeof(ValueListConverter<ObservedConnection>),
        typeof(ValueListConverter<ObservedBridgeOfSwitch>), typeof(ValueListConverter<ObservedPort>),
        typeof(ValueListConverter<ObservedInterface>), typeof(ValueListConverter<ObservedProcess>),
    ])]
[JsonSerializable(typeof(Observation))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class ObservationContext : JsonSerializerContext;
