namespace Tapline.HostTests.Labs;

/// <summary>The tests of the shared lab run one after another, and beside no others: some of them measure.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<LabFixture>
{
    public const string Name = "lab";
}
