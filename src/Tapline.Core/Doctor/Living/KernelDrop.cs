namespace Tapline.Core.Doctor.Living;

/// <summary>The kernel threw some packet away; which one it does not say.</summary>
/// <param name="At">When, by the sightings' clock.</param>
/// <param name="Location">The function.</param>
/// <param name="Reason">Its name for why.</param>
public sealed record KernelDrop(long At, string Location, string Reason);

/// <summary>A rule, or a chain's policy, threw a packet of the probe away.</summary>
/// <param name="Namespace">Where.</param>
/// <param name="Family">In nft's words.</param>
/// <param name="Table">The table.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Handle">The rule's; 0 for the chain's policy.</param>
/// <param name="Text">The rule as nft prints it.</param>
public sealed record RuleDrop(string Namespace, string Family, string Table, string Chain, ulong Handle, string Text);
