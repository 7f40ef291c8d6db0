namespace Tapline.HostTests;

public sealed class SkeletonTests
{
    [Fact]
    public void The_skeleton_builds() => Assert.True(true);
}
