using System.Text;
using System.Text.Json;
using CsCheck;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Tests.Clouds;
using Tapline.Tests.Hosts;

namespace Tapline.Tests.Model;

/// <summary>What is written into the store and onto the feed is read back as it was.</summary>
public sealed class ModelJsonTests
{
    private static readonly Gen<string> Texts = Gen.Int[0, 3].Select(index => new[] { "", "web", "ä\"\\\n\u0001 😀", "  " }[index]);

    private static readonly Gen<Resource> Others = Gen.Select(Gen.Int[0, 3], Gen.Int, Texts).Select((kind, number, text) => kind switch
    {
        0 => (Resource)new HostReport
        {
            Name = "h1",
            ProjectId = "",
            Applied = new Revision(number),
            Changes = number,
            ActivePorts = [Sample.Id<Port>(number)],
            ActiveRouters = [Sample.Id<Router>(number)],
            ActiveFloatingIps = [Sample.Id<FloatingIp>(1), Sample.Id<FloatingIp>(2)],
            ActiveInstances = [Sample.Id<Instance>(number)],
            Failures = [new ItemFailure("link tap", text)],
        },
        1 => new Quota { ProjectId = Sample.Project, Limits = [new QuotaLimit("port", number), new QuotaLimit("network", -1)] },
        2 => Sample.Subnet(7, Sample.Network(7)) with
        {
            GatewayIp = null,
            AllocationPools = [new IpRange(IpAddress.Parse("10.7.0.2"), IpAddress.Parse("10.7.0.9"))],
            Ipv6RaMode = "slaac",
            Ipv6AddressMode = "dhcpv6-stateless",
        },
        _ => Sample.Port(7, Sample.Subnet(7, Sample.Network(7))) with { VnicType = "direct", BindingProfile = """{"a": [1, "ü"]}""" },
    });

    [Fact]
    public void Every_resource_of_every_cloud_goes_round() => Topologies.Any.Sample(topology =>
    {
        foreach (var resource in topology.All)
        {
            RequireRoundTrip(resource);
        }
    }, iter: 50);

    [Fact]
    public void So_does_what_clouds_of_the_planner_do_not_have() =>
        Gen.Select(Others, Texts, Gen.Long[0, long.MaxValue], Gen.Long[0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()]).Sample((resource, text, revision, time) =>
            RequireRoundTrip(resource with
            {
                Name = resource is HostReport ? resource.Name : text,
                Description = text,
                RevisionNumber = revision,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time),
                Tags = [text, "b"],
            }));

    [Fact]
    public void Every_type_of_resource_is_among_them()
    {
        var types = new HashSet<ResourceType>();
        Topologies.Any.Sample(topology =>
        {
            lock (types)
            {
                types.UnionWith(topology.All.Select(resource => resource.Key.Type));
            }
        }, iter: 50);
        Others.Sample(resource =>
        {
            lock (types)
            {
                types.Add(resource.Key.Type);
            }
        });

        Assert.Equal(Enum.GetValues<ResourceType>(), types.Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id": "x", "project_id": "p", "type": "Flat"}""")]
    [InlineData("""{"id": " 00000001-0000-0000-0000-000000000000", "project_id": "p", "type": "Flat"}""")]
    [InlineData("""{"id": "00000001-0000-0000-0000-000000000000", "project_id": "p", "type": "Ether"}""")]
    [InlineData("""{"id": "00000001-0000-0000-0000-000000000000", "project_id": "p", "type": "Flat", "tags": "a"}""")]
    [InlineData("""{"id": "00000001-0000-0000-0000-000000000000", "project_id": "p", "type": "Flat"} x""")]
    public void What_is_no_network_is_refused(string json) =>
        Assert.Throws<JsonException>(() => ModelJson.Read(ResourceType.Network, Encoding.UTF8.GetBytes(json)));

    private static void RequireRoundTrip(Resource resource)
    {
        var json = ModelJson.Write(resource);

        var read = ModelJson.Read(resource.Key.Type, json);

        Assert.Equal(resource, read);
        Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(ModelJson.Write(read)));
    }
}
