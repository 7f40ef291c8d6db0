using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>
/// Mends in the cloud's own names, where its word for this host is known: a command can be pasted, and what the cloud has opened
/// already is mended on the host, which lags behind. Elsewhere PORT, GROUP and SUBNET stay for a person to fill in.
/// </summary>
internal static class CloudMends
{
    private static readonly Dictionary<string, string> Meanings = new()
    {
        ["PORT"] = "the instance's port, 'openstack port list --server' names it",
        ["GROUP"] = "one of the port's security groups, 'openstack port show' names them",
        ["SUBNET"] = "the network's subnet, 'openstack subnet list' names it",
    };

    /// <param name="world">The host.</param>
    /// <param name="intent">What the cloud says should be; empty where it is not asked.</param>
    /// <param name="fault">What was found.</param>
    /// <param name="guest">Whose port it may be about; the fault's own device comes first.</param>
    /// <param name="packet">As it was lost; null where no packet was.</param>
    public static Fault Of(World world, Topology intent, Fault fault, GuestFacts? guest, Packet? packet)
    {
        var own = GuestFacts.Of(world, fault.Device);
        var port = intent.Ports.Values.FirstOrDefault(item => "tap" + item.Id.Short == (own ?? guest)?.Tap);
        if (own is not null && port is { AdminStateUp: false })
        {
            return Disabled(fault, port);
        }

        if (fault.Fix is null)
        {
            return fault;
        }

        return port is null || packet is null ? Filled(fault, intent, port) : fault.Code switch
        {
            "security-group.no-ingress-rule" => Opened(world, fault, intent, port, packet, RuleDirection.Ingress),
            "security-group.no-egress-rule" => Opened(world, fault, intent, port, packet, RuleDirection.Egress),
            "port.spoofed" when IsOwn(port, packet) => Known(fault, port, packet),
            "port.spoofed" when packet.EtherSource != port.Mac => Filled(WithMac(fault, packet), intent, port),
            _ => Filled(fault, intent, port),
        };
    }

    /// <summary>Whatever keeps it away there: it is meant to.</summary>
    private static Fault Disabled(Fault fault, Port port) => fault with
    {
        Code = "port.disabled",
        Summary = $"the port of {fault.Device} is switched off in the cloud, so the host lets nothing through: {fault.Summary}",
        Evidence = [.. fault.Evidence, $"the cloud's port {port.Id}: admin_state_up is false"],
        Fix = new Fix(FixPlace.Api, [$"openstack port set --enable {port.Id}"], "switches it on again, if nobody has a reason against it"),
    };

    private static Fault Opened(World world, Fault fault, Topology intent, Port port, Packet packet, RuleDirection direction) =>
        port.SecurityGroups.SelectMany(intent.RulesOf).Where(rule => CloudRules.Lets(intent, rule, packet, direction)).OrderBy(rule => rule.Id).FirstOrDefault() is { } rule
            ? fault with
            {
                Summary = $"{fault.Summary}, though the cloud has such a rule: this host lags behind it, or somebody took the rule away here",
                Evidence = [.. fault.Evidence, $"the cloud's rule {rule.Id} of group {rule.SecurityGroupId} lets it pass"],
                Fix = Rewritten(world, intent, port, rule.SecurityGroupId, direction),
            }
            : port.SecurityGroups.Count > 0 ? Filled(fault, intent, port)
            : fault with { Fix = InGroupOfItsOwn(fault.Fix!, port) };

    /// <summary>The chain of the group as the cloud has it, and the way to it where that is gone too.</summary>
    private static Fix Rewritten(World world, Topology intent, Port port, Id<SecurityGroup> group, RuleDirection direction)
    {
        var chain = GroupPlanner.Rules(intent, group, direction);
        var ofPort = (direction == RuleDirection.Ingress ? "in-" : "out-") + port.Id.Short;
        var isReached = world.Rules("").Tables.Where(table => table is { Family: "inet", Name: "tapline" }).SelectMany(table => table.Chains)
            .Any(other => other.Name == ofPort && other.Rules.Any(rule => rule.Text.Contains($"jump {chain.Name}", StringComparison.Ordinal)));
        return new Fix(FixPlace.Host,
            [OwnChains.Write(chain), .. isReached ? [] : (string[])[$"nft insert rule inet tapline {ofPort} jump {chain.Name}"]],
            "writes the group's rules as the cloud has them; see why the agent does not ('tapline status', 'tapline diff')");
    }

    /// <summary>A port in no group: nothing can be opened for it but by one.</summary>
    private static Fix InGroupOfItsOwn(Fix fix, Port port)
    {
        var name = $"for-{port.Id.Short}";
        return fix with
        {
            Commands = [$"openstack security group create {name}", .. fix.Commands.Select(command => Word(command, "GROUP", name)), $"openstack port set --security-group {name} {port.Id}"],
            Explanation = "the port is in no security group, which closes it: this puts it into one of its own",
        };
    }

    private static bool IsOwn(Port port, Packet packet) => packet.EtherSource == port.Mac && port.FixedIps.Any(own => own.Address == packet.Source);

    /// <summary>It is its port's own address, which the host's anti-spoofing has lost.</summary>
    private static Fault Known(Fault fault, Port port, Packet packet)
    {
        var (tap, family) = (Names.Tap(port.Id), packet.IsV6 ? "6" : "4");
        return fault with
        {
            Summary = $"{Packets.Words(packet)} bears the address of its port, and this host's anti-spoofing drops it all the same: it does not know the address",
            Evidence = [.. fault.Evidence, $"the cloud's port {port.Id} has {packet.Source} and {port.Mac}"],
            Fix = LinkFaults.Host("", $"nft {Commands.Quoted($"add element bridge tapline macs {{ {tap} . {port.Mac} }}; add element bridge tapline addresses{family} {{ {tap} . {port.Mac} . {packet.Source} }}")}",
                "makes the port's own address known again; see why the agent does not ('tapline status', 'tapline diff')"),
        };
    }

    /// <summary>Another hardware address than the port's has to be allowed along with its address.</summary>
    private static Fault WithMac(Fault fault, Packet packet) => fault with
    {
        Fix = fault.Fix! with { Commands = [.. fault.Fix.Commands.Select(command => command.Replace($"ip-address={packet.Source} ", $"ip-address={packet.Source},mac-address={packet.EtherSource} ", StringComparison.Ordinal))] },
    };

    private static Fault Filled(Fault fault, Topology intent, Port? port)
    {
        var names = new Dictionary<string, string?>
        {
            ["PORT"] = port?.Id.ToString(),
            ["GROUP"] = port?.SecurityGroups.Select(id => id.ToString()).FirstOrDefault(),
            ["SUBNET"] = port?.FixedIps.Where(ip => intent.Subnets.ContainsKey(ip.SubnetId)).Select(ip => ip.SubnetId.ToString()).FirstOrDefault(),
        };
        var commands = fault.Fix!.Commands.Select(command => names.Aggregate(command, (filled, name) => Word(filled, name.Key, name.Value))).ToList();
        var left = Meanings.Where(meaning => commands.Exists(command => command.Split(' ').Contains(meaning.Key))).Select(meaning => $" ({meaning.Key}: {meaning.Value})");
        return fault with { Fix = fault.Fix with { Commands = [.. commands], Explanation = fault.Fix.Explanation + string.Concat(left) } };
    }

    /// <summary>Placeholders are whole words in capitals.</summary>
    private static string Word(string command, string placeholder, string? value) =>
        value is null || !command.StartsWith("openstack ", StringComparison.Ordinal) ? command
        : string.Join(' ', command.Split(' ').Select(word => word == placeholder ? value : word));
}
