namespace Tapline.Wire.Netlink;

/// <summary>What an <see cref="NftablesEvent"/> is about.</summary>
public enum NftablesEventKind
{
    Table,
    Chain,
    Rule,
    Set,
    Element,

    /// <summary>Counters, quotas and other named objects, flowtables.</summary>
    Object,

    /// <summary>Ends each transaction: the ruleset has a new generation.</summary>
    Generation,

    /// <summary>Notifications were lost: read everything anew.</summary>
    Overrun,
}
