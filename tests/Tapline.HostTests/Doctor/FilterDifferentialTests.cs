using CsCheck;
using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Nftables;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Doctor;

/// <summary>The evaluator against the kernel: random rule sets, random conversations through them.</summary>
public sealed class FilterDifferentialTests(ITestOutputHelper output)
{
    private readonly Dictionary<string, int> _counts = [];
    private ushort _identification = 100;

    [Fact]
    public void Rules_of_nft_do_what_the_kernel_does()
    {
        using var bed = new RouterBed();

        Gen.Select(NftRuleGen.Ruleset, RandomPackets.Conversation).Sample(
            (rules, plans) => Agrees(bed, () => LoadNft(bed, rules), plans), iter: 400, threads: 1, print: pair => $"{pair.Item1}\n{string.Join('\n', pair.Item2.AsEnumerable())}");

        Report(300);
    }

    [Theory]
    [InlineData("iptables-legacy")]
    [InlineData("iptables-nft")]
    public void Rules_of_iptables_do_what_the_kernel_does(string program)
    {
        if (!Has(program + "-restore"))
        {
            Assert.Skip($"{program} is not installed");
        }

        using var bed = new RouterBed();
        var sets = Has("ipset");
        if (sets)
        {
            bed.Run("ipset", IptablesRuleGen.Sets, "restore");
        }

        Gen.Select(IptablesRuleGen.Ruleset(sets), RandomPackets.Conversation).Sample(
            (rules, plans) => Agrees(bed, () => LoadIptables(bed, program, sets, rules), plans),
            iter: 100, threads: 1, print: pair => $"{pair.Item1}\n{string.Join('\n', pair.Item2.AsEnumerable())}");

        Report(300);
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private Ruleset? LoadIptables(RouterBed bed, string program, bool sets, string rules)
    {
        try
        {
            bed.Run(program + "-restore", rules);
        }
        catch (IOException e)
        {
            Count($"refused: {string.Join(' ', e.Message.Split('\n').Take(2))}");
            return null; // some conditions exclude each other
        }

        return RulesetReader.Read(new ObservedNamespace
        {
            Name = "",
            Nftables = program == "iptables-nft" ? bed.Nft.ListJson("list ruleset") : null,
            Iptables = [new RuleDump(program, bed.Run(program + "-save", "", "-c"))],
            Ipsets = sets ? bed.Run("ipset", "", "save") : null,
        });
    }

    private Ruleset? LoadNft(RouterBed bed, string rules)
    {
        // The kernel lets go of what flushed rules asked of it (connection tracking) some time after the transaction.
        bed.Nft.Run("flush ruleset");
        Thread.Sleep(30);
        try
        {
            bed.Nft.Run(rules);
        }
        catch (NftablesException e) when (!e.Message.Contains("syntax", StringComparison.Ordinal))
        {
            Count($"refused: {e.Message.Split('\n')[0].Split("Error: ")[^1]}");
            return null; // conditions that contradict each other are refused
        }

        return RulesetReader.Read(new ObservedNamespace { Name = "", Nftables = bed.Nft.ListJson("list ruleset") });
    }

    private void Agrees(RouterBed bed, Func<Ruleset?> load, PacketPlan[] plans)
    {
        var ruleset = load();
        if (ruleset is null)
        {
            Count("rule sets refused");
            return;
        }

        Count("rule sets");
        bed.ForgetConnections();
        var connections = ConnectionTable.Empty;
        (string Device, ParsedFrame Frame, Packet Sent, bool IsAnswer)? last = null;
        (string Device, Packet Packet)? own = null;
        var log = new List<string>();
        var number = 0;
        foreach (var plan in plans)
        {
            var next = plan.Turn switch
            {
                Turn.Answer when last is { } came => (came.Device, RandomPackets.Answer(came.Device, came.Frame, came.Sent)),
                Turn.Error when last is { } came => (came.Device, RandomPackets.Error(came.Device, came.Frame, came.Sent)),
                Turn.Again when own is { } before => before,
                _ => (plan.Side == 0 ? RouterBed.Left : RouterBed.Right, RandomPackets.First(plan, number++)),
            };
            var (device, packet) = next;
            var isAnswer = plan.Turn == Turn.Answer && last is { IsAnswer: false };
            var (result, hook, leaves) = ForwardPath.Run(ruleset, connections, device, packet);
            var passes = result.Fate == FilterFate.Accept && hook == HookPoint.Postrouting;
            var seen = bed.Send(device, packet, ++_identification, isAnswer, expectsNone: !passes);
            Count("packets");
            if (result.Fate == FilterFate.Unknown)
            {
                Count("unknown");
                Count($"unknown: {result.Unknown}");
                return; // what follows hangs on what it did
            }

            Count(passes ? result.Packet.Source == packet.Source && result.Packet.Destination == packet.Destination ? "passed" : "passed, translated"
                : result.Fate == FilterFate.Reject ? "rejected" : hook == HookPoint.Input ? "local" : $"dropped at {hook}");
            log.Add($"{device} {Describe(packet)}: said {result.Fate} at {hook} {Describe(result.Packet)} {leaves} ({result.Decision?.Chain.Name}: {result.Decision?.Rule?.Text}) {result.Tracking}; saw {(seen is { } s ? Describe(s) : "nothing")}");
            Assert.True(Same(passes, result, leaves, seen), string.Join('\n', log));
            connections = result.Connections;
            if (plan.Turn is Turn.First or Turn.Again)
            {
                own = next;
            }

            if (seen is { } out1 && packet.Quoted is null)
            {
                last = (out1.Device, out1.Frame, packet, isAnswer);
            }

            if (result.Fate == FilterFate.Reject || hook == HookPoint.Input)
            {
                return; // the kernel's own answer changes the connection
            }
        }
    }

    private static bool Same(bool passes, FilterResult result, string? leaves, (string Device, ParsedFrame Frame)? seen)
    {
        if (!passes || seen is not { } came)
        {
            return !passes && seen is null;
        }

        var packet = result.Packet;
        return came.Device == leaves && came.Frame.Ttl == packet.TimeToLive
            && IpAddress.From(came.Frame.SourceIp!) == packet.Source
            && IpAddress.From(came.Frame.DestinationIp!) == packet.Destination
            && (packet.Protocol == Packet.Icmp
                ? came.Frame.IcmpId is null || came.Frame.IcmpId == packet.SourcePort
                : (came.Frame.SourcePort, came.Frame.DestinationPort) == ((ushort)packet.SourcePort, (ushort)packet.DestinationPort));
    }

    private static string Describe(Packet packet) =>
        $"{packet.Protocol} {packet.Source}:{packet.SourcePort}>{packet.Destination}:{packet.DestinationPort} type {packet.IcmpType} flags {packet.TcpFlags}";

    private static string Describe((string Device, ParsedFrame Frame) seen) =>
        $"{seen.Device} {seen.Frame.SourceIp}:{seen.Frame.SourcePort ?? seen.Frame.IcmpId}>{seen.Frame.DestinationIp}:{seen.Frame.DestinationPort}";

    private void Count(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;

    private void Report(int least)
    {
        foreach (var (what, count) in _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{what}: {count}");
        }

        var packets = _counts.GetValueOrDefault("packets");
        Assert.True(packets >= least, $"only {packets} packets");
        Assert.True(_counts.GetValueOrDefault("unknown") * 50 <= packets, "more than 2 % unknown");
        Assert.True(_counts.GetValueOrDefault("rule sets refused") * 5 <= _counts.GetValueOrDefault("rule sets"), "many rule sets are refused");
    }
}
