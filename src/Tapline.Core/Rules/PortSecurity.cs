using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Security groups, address pairs and port security of a port hang together: the first two need the third.</summary>
internal static class PortSecurity
{
    private const int MaxPairs = 10;

    /// <summary>The groups that were asked for; each must be the port's project's own, unless the port has it already.</summary>
    public static ValueList<Id<SecurityGroup>> Checked(
        Draft draft, string project, ValueList<Id<SecurityGroup>> asked, ValueList<Id<SecurityGroup>> present = default)
    {
        foreach (var id in asked.Where(id => !present.Contains(id)))
        {
            var group = draft.Topology.SecurityGroups.GetValueOrDefault(id);
            if (group is null || (group.ProjectId != project && !draft.Scope.IsAdmin))
            {
                draft.Reject(NotFound.SecurityGroup(id.ToString()));
            }
        }

        return asked.Distinct().ToValueList();
    }

    public static void RequireForCreate(Draft draft, bool secure, ValueList<Id<SecurityGroup>> groups, ValueList<AddressPair> pairs)
    {
        RequireForGroups(draft, secure, !groups.IsEmpty);
        Pairs(draft, secure, pairs);
    }

    public static void RequireForUpdate(
        Draft draft, bool secure, ValueList<Id<SecurityGroup>> groups, bool groupsGiven, ValueList<AddressPair> pairs)
    {
        if (groupsGiven)
        {
            RequireForGroups(draft, secure, !groups.IsEmpty);
        }
        else if (!secure && !groups.IsEmpty)
        {
            draft.Reject(Rejection.Conflict("PortSecurityPortHasSecurityGroup",
                "Port has security group associated. Cannot disable port security or IP address until security group is removed."));
        }

        Pairs(draft, secure, pairs);
    }

    private static void RequireForGroups(Draft draft, bool secure, bool hasGroups)
    {
        if (!secure && hasGroups)
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "PortSecurityAndIPRequiredForSecurityGroups", "security_groups",
                "Port security must be enabled and port must have an IP address in order to use security groups."));
        }
    }

    private static void Pairs(Draft draft, bool secure, ValueList<AddressPair> pairs)
    {
        if (!secure && !pairs.IsEmpty)
        {
            draft.Reject(Rejection.Conflict("AddressPairAndPortSecurityRequired",
                "Port Security must be enabled in order to have allowed address pairs on a port."));
        }

        if (pairs.Count > MaxPairs)
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "AllowedAddressPairExhausted", "allowed_address_pairs",
                $"The number of allowed address pair exceeds the maximum {MaxPairs}."));
        }

        foreach (var twice in pairs.GroupBy(pair => pair).Where(group => group.Count() > 1))
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "DuplicateAddressPairInRequest", "allowed_address_pairs",
                $"Request contains duplicate address pair: mac_address {twice.Key.Mac} ip_address {twice.Key.Prefix}."));
        }
    }
}
