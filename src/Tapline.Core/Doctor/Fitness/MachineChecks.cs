using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>What guards the machine, and what time it thinks it is.</summary>
internal static class MachineChecks
{
    /// <summary>Who reads without being root sees little, and must not take it for all.</summary>
    public static IEnumerable<HostFinding> Rights(Observation seen)
    {
        if (HostFitness.Fact(seen, "uid") == "other")
        {
            yield return new HostFinding
            {
                Code = "host.rights",
                Level = FindingLevel.Unknown,
                Subject = "root",
                Read = "the host was not read as root",
                Why = "rules, namespaces and flows are shown to root alone",
                Fix = HostFitness.OnHost("asks again as root", "sudo tapline doctor host"),
            };
        }
    }

    public static IEnumerable<HostFinding> Of(Observation seen) =>
        ((HostFinding?[])[Selinux(seen), AppArmor(seen), Clock(seen)]).OfType<HostFinding>();

    private static HostFinding? Selinux(Observation seen) => HostFitness.Fact(seen, "selinux") is not { } state ? null : new HostFinding
    {
        Code = "host.selinux",
        Level = state == "enforcing" ? FindingLevel.Warning : FindingLevel.Ok,
        Subject = "SELinux",
        Read = $"SELinux is {state}",
        Why = "a policy that does not know the cloud's directories stops dnsmasq, Open vSwitch or a hypervisor without a word to them",
        Fix = state == "enforcing" ? HostFitness.OnHost("shows what was refused; no line means that nothing was", "ausearch -m avc -ts recent") : null,
    };

    private static HostFinding? AppArmor(Observation seen)
    {
        if (HostFitness.Fact(seen, "apparmor") is not { } state)
        {
            return null;
        }

        var confined = HostFitness.Fact(seen, "apparmor_enforced");
        return new HostFinding
        {
            Code = "host.apparmor",
            Level = confined is null ? FindingLevel.Ok : FindingLevel.Warning,
            Subject = "AppArmor",
            Read = confined is not null ? $"AppArmor confines {confined}" : state == "absent" ? "AppArmor is absent" : $"AppArmor is {state}, no profile confines a program of networks",
            Why = "a profile that does not know the cloud's directories stops dnsmasq or Open vSwitch without a word to them",
            Fix = confined is null ? null : HostFitness.OnHost("shows what was refused; no line means that nothing was", "journalctl -k --grep 'apparmor=.DENIED'"),
        };
    }

    private static HostFinding? Clock(Observation seen) => HostFitness.Fact(seen, "clock") is not { } state ? null : new HostFinding
    {
        Code = "host.clock",
        Level = state == "synchronised" ? FindingLevel.Ok : FindingLevel.Warning,
        Subject = "clock",
        Read = $"the kernel's clock is {state}",
        Why = "leases, tokens and logs of several hosts are compared by the time",
        Fix = state == "synchronised" ? null : HostFitness.OnHost("has the clock kept by NTP; where timedatectl knows none, install chrony", "timedatectl set-ntp true"),
    };
}
