using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tapline.Core.Primitives;
using Kind = Tapline.Core.Model.ResourceType;

namespace Tapline.Core.Model;

/// <summary>How the model is written in the store and on the feed (not the API's shape). Names are snake_case; nulls are left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(IdConverter<Network>), typeof(IdConverter<Subnet>), typeof(IdConverter<Port>), typeof(IdConverter<Router>),
        typeof(IdConverter<FloatingIp>), typeof(IdConverter<SecurityGroup>), typeof(IdConverter<SecurityGroupRule>),
        typeof(IdConverter<Instance>), typeof(IpAddressConverter), typeof(IpPrefixConverter), typeof(MacAddressConverter),
        typeof(RevisionConverter), typeof(ValueListConverter<string>), typeof(ValueListConverter<IpRange>),
        typeof(ValueListConverter<IpAddress>), typeof(ValueListConverter<HostRoute>), typeof(ValueListConverter<FixedIp>),
        typeof(ValueListConverter<AddressPair>), typeof(ValueListConverter<BridgeMapping>), typeof(ValueListConverter<ItemFailure>),
        typeof(ValueListConverter<QuotaLimit>), typeof(ValueListConverter<Id<SecurityGroup>>), typeof(ValueListConverter<Id<Port>>),
        typeof(ValueListConverter<Id<Router>>), typeof(ValueListConverter<Id<FloatingIp>>), typeof(ValueListConverter<Id<Instance>>),
    ])]
[JsonSerializable(typeof(Network))]
[JsonSerializable(typeof(Subnet))]
[JsonSerializable(typeof(Port))]
[JsonSerializable(typeof(Router))]
[JsonSerializable(typeof(FloatingIp))]
[JsonSerializable(typeof(SecurityGroup))]
[JsonSerializable(typeof(SecurityGroupRule))]
[JsonSerializable(typeof(Instance))]
[JsonSerializable(typeof(Host))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(Quota))]
[JsonSerializable(typeof(Slice))]
public sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>The JSON of one resource.</summary>
    public static byte[] Write(Resource resource) => resource switch
    {
        Network x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Network),
        Subnet x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Subnet),
        Port x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Port),
        Router x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Router),
        FloatingIp x => JsonSerializer.SerializeToUtf8Bytes(x, Default.FloatingIp),
        SecurityGroup x => JsonSerializer.SerializeToUtf8Bytes(x, Default.SecurityGroup),
        SecurityGroupRule x => JsonSerializer.SerializeToUtf8Bytes(x, Default.SecurityGroupRule),
        Instance x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Instance),
        Host x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Host),
        HostReport x => JsonSerializer.SerializeToUtf8Bytes(x, Default.HostReport),
        Quota x => JsonSerializer.SerializeToUtf8Bytes(x, Default.Quota),
        _ => throw new UnreachableException(),
    };

    /// <summary>The resource of that type from its JSON; malformed JSON is a <see cref="JsonException"/>.</summary>
    public static Resource Read(Kind type, ReadOnlySpan<byte> json) =>
        ReadOrNull(type, json) ?? throw new JsonException($"null is no {type}");

    private static Resource? ReadOrNull(Kind type, ReadOnlySpan<byte> json) => type switch
    {
        Kind.Network => JsonSerializer.Deserialize(json, Default.Network),
        Kind.Subnet => JsonSerializer.Deserialize(json, Default.Subnet),
        Kind.Port => JsonSerializer.Deserialize(json, Default.Port),
        Kind.Router => JsonSerializer.Deserialize(json, Default.Router),
        Kind.FloatingIp => JsonSerializer.Deserialize(json, Default.FloatingIp),
        Kind.SecurityGroup => JsonSerializer.Deserialize(json, Default.SecurityGroup),
        Kind.SecurityGroupRule => JsonSerializer.Deserialize(json, Default.SecurityGroupRule),
        Kind.Instance => JsonSerializer.Deserialize(json, Default.Instance),
        Kind.Host => JsonSerializer.Deserialize(json, Default.Host),
        Kind.HostReport => JsonSerializer.Deserialize(json, Default.HostReport),
        Kind.Quota => JsonSerializer.Deserialize(json, Default.Quota),
        _ => throw new UnreachableException(),
    };
}
