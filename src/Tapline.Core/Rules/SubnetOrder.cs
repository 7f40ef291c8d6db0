using Tapline.Core.Model;

namespace Tapline.Core.Rules;

/// <summary>Subnets in the order they were made: which one serves first must not hang on a hash.</summary>
internal static class SubnetOrder
{
    public static IEnumerable<Subnet> InOrder(this IEnumerable<Subnet> subnets) =>
        subnets.OrderBy(subnet => subnet.CreatedAt).ThenBy(subnet => subnet.Id);
}
