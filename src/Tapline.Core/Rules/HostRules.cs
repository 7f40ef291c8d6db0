namespace Tapline.Core.Rules;

/// <summary>Hosts: an agent says who it is. Helper ports that waited for a first host are placed.</summary>
public static class HostRules
{
    public static Model.Host? Register(Draft draft, Model.Host host)
    {
        var known = draft.Topology.Hosts.GetValueOrDefault(host.Name);
        var registered = draft.Put(known is null ? host : known with { BridgeMappings = host.BridgeMappings });
        Placement.PlaceWaiting(draft);
        return registered;
    }
}
