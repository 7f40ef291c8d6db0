namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>Every kind of change that somebody could make to the path, harmless ones among them.</summary>
internal static class Mutations
{
    private static readonly (int Weight, Func<Chance, OracleHost, Task<Mutation?>> Make)[] Kinds =
    [
        (3, Pure(LinkMutations.Link)), (2, Pure(LinkMutations.Bridge)), (2, Pure(LinkMutations.BridgePort)), (1, Pure(LinkMutations.Forwarding)), (1, Pure(LinkMutations.Queue)),
        (3, Pure(AddressMutations.Address)), (3, Pure(AddressMutations.Route)), (2, Pure(AddressMutations.Rule)), (2, Pure(AddressMutations.Neighbour)), (4, Pure(AddressMutations.Sysctl)),
        (2, Pure(SwitchMutations.Column)), (3, SwitchMutations.NewFlowAsync), (2, SwitchMutations.ChangedFlowAsync), (1, Pure(SwitchMutations.PortState)),
        (4, Pure(FirewallMutations.Iptables)), (2, FirewallMutations.WithoutIptablesRuleAsync), (4, Pure(FirewallMutations.Nft)), (2, FirewallMutations.WithoutNftRuleAsync),
        (1, Pure(FirewallMutations.Ebtables)), (1, FirewallMutations.SetMemberAsync),
    ];

    /// <summary>One that the host has something for.</summary>
    public static async Task<Mutation> MakeAsync(Chance chance, OracleHost host)
    {
        while (true)
        {
            var number = chance.Below(Kinds.Sum(kind => kind.Weight));
            var make = Kinds.First(kind => (number -= kind.Weight) < 0).Make;
            if (await make(chance, host) is { } mutation)
            {
                return mutation;
            }
        }
    }

    private static Func<Chance, OracleHost, Task<Mutation?>> Pure(Func<Chance, Mutation> make) => (chance, _) => Task.FromResult<Mutation?>(make(chance));
}
