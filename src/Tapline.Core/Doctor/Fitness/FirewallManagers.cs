using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Programs that write firewall rules of their own, and how each is told to let bridged packets pass.</summary>
internal static class FirewallManagers
{
    private const string Physdev = "-m physdev --physdev-is-bridged -j ACCEPT";

    /// <summary>Those that run: what they do is judged by the rules that are there, but they may write others.</summary>
    public static IEnumerable<HostFinding> At(Observation seen)
    {
        if (HostFitness.Fact(seen, "firewalld") == "running")
        {
            yield return Warning("firewalld", "firewalld is running", "it writes its rules anew when it is reloaded, and drops what comes through bridges in no zone");
        }

        if (HostFitness.Fact(seen, "ufw") == "enabled")
        {
            yield return Warning("ufw", "ENABLED=yes in /etc/ufw/ufw.conf", "its default for routed packets is to drop them, and it writes its rules anew when it is reloaded");
        }

        if (HostFitness.Fact(seen, "docker") == "running")
        {
            yield return Warning("docker", "dockerd is running", "at its start it sets the policy of FORWARD to drop");
        }
    }

    /// <summary>What lets bridged packets pass the rule or the policy, in the words of whoever wrote it.</summary>
    public static Fix Mend(Observation seen, FilterStep step) =>
        step.Table.Name == "firewalld" || (HostFitness.Fact(seen, "firewalld") == "running" && step.Rule is not null)
            ? HostFitness.OnHost("puts the ports' bridges into the zone whose packets are let through; security groups judge them nonetheless",
                "firewall-cmd --permanent --zone=trusted --add-interface=qbr+", "firewall-cmd --reload")
        : step.Table.Chains.Any(chain => chain.Name.StartsWith("ufw-", StringComparison.Ordinal))
            ? HostFitness.OnHost("has ufw let routed packets pass; security groups judge those of instances nonetheless", "ufw default allow routed")
        : step.Table.Chains.Any(chain => chain.Name == "DOCKER-USER")
            ? HostFitness.OnHost("lets bridged packets pass ahead of Docker's rules, and stays when Docker writes them anew; after a restart of the host it has to be run again",
                $"{step.Table.Program} -I DOCKER-USER {Physdev}")
        : step.Table.Program == "nft"
            ? HostFitness.OnHost("lets packets of the ports' bridges pass this table; put it into the file that the table comes from as well",
                $"nft insert rule {step.Table.Family} {step.Table.Name} {Commands.Quoted(step.Chain.Name)} iifname '\"qbr*\"' accept")
            : HostFitness.OnHost("lets bridged packets pass this chain; put it into the file that the rules come from as well", $"{step.Table.Program} -I {step.Chain.Name} {Physdev}");

    private static HostFinding Warning(string subject, string read, string why) =>
        new() { Code = "host.firewall-manager", Level = FindingLevel.Warning, Subject = subject, Read = read, Why = why };
}
