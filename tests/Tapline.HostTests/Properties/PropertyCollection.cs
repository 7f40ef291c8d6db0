namespace Tapline.HostTests.Properties;

/// <summary>The properties have one host: they run one after another, and beside no others, since some of those measure.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PropertyCollection : ICollectionFixture<KernelHost>
{
    public const string Name = "properties";
}
