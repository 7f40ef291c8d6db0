using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor.Netfilter;

public sealed class IptablesReaderTests
{
    [Fact]
    public void Of_what_iptables_can_do_only_this_is_not_understood()
    {
        var rules = Rules.Iptables(CorpusFile.Read("iptables-save.txt"), CorpusFile.Read("ipset-save.txt")).Tables
            .SelectMany(table => table.Chains).SelectMany(chain => chain.Rules).ToList();

        var not = rules.Where(rule => rule.Statements.Any(statement => statement is Statement.Opaque or Statement.Match { Left: Operand.Unreadable }))
            .Select(rule => rule.Text).ToList();

        Assert.True(rules.Count > 60, $"only {rules.Count} rules in the corpus");
        Assert.Equal(
        [
            "-A PREROUTING -p tcp -j TPROXY --on-port 50 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1",
            "-A INPUT -m addrtype ! --src-type UNICAST,LOCAL --limit-iface-in -j ACCEPT",
            "-A INPUT -m limit --limit 5/min --limit-burst 7 -j LOG --log-prefix \"hello w\"",
            "-A INPUT -m u32 --u32 \"0x0&0xffff=0x100\" -j DROP",
            "-A INPUT -m string --string \"x y\" --algo bm -j DROP",
            "-A INPUT -m statistic --mode random --probability 0.50000000000 -j DROP",
        ], not);
    }

    [Theory]
    [InlineData("-p tcp -m tcp --dport 22:25", true)]
    [InlineData("-p tcp -m tcp ! --dport 22:25", false)]
    [InlineData("-p tcp -m tcp --dport 23:", false)]
    [InlineData("! -p tcp", false)]
    [InlineData("-p tcp -m multiport --dports 80,20:22", true)]
    [InlineData("-p tcp -m multiport --ports 40000", true)]
    [InlineData("-p tcp -m multiport ! --ports 40000", false)]
    [InlineData("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", true)]
    [InlineData("-s 192.168.0.0/16", true)]
    [InlineData("! -s 192.168.0.0/16", false)]
    [InlineData("-s 192.0.0.5/255.0.0.255", true)]
    [InlineData("-d 172.24.4.1/32", true)]
    [InlineData("-i in+", true)]
    [InlineData("-i in", false)]
    [InlineData("-i +", true)]
    [InlineData("! -o out0", false)]
    [InlineData("-m mac --mac-source FA:16:3E:10:00:00", true)]
    [InlineData("-m iprange --src-range 192.168.1.1-192.168.1.5", true)]
    [InlineData("-m iprange ! --src-range 192.168.1.1-192.168.1.5", false)]
    [InlineData("-m ttl --ttl-lt 65", true)]
    [InlineData("-m ttl --ttl-gt 64", false)]
    [InlineData("-m length --length 80:", true)]
    [InlineData("-m mark --mark 0x0/0xff", true)]
    [InlineData("-m pkttype --pkt-type unicast", true)]
    [InlineData("-m physdev --physdev-in tap1", false)]
    [InlineData("-m physdev ! --physdev-in tap1", true)]
    [InlineData("-m physdev --physdev-is-bridged", false)]
    [InlineData("-m comment --comment \"it\\'s \\\"a\\\" -j DROP\"", true)]
    [InlineData("-f", false)]
    [InlineData("! -f", true)]
    [InlineData("-m addrtype --dst-type LOCAL", false)]
    [InlineData("-m set --match-set hosts src", true)]
    [InlineData("-m set ! --match-set hosts src", false)]
    [InlineData("-m set --match-set nets dst", false)]
    [InlineData("-m set --match-set pairs dst,dst", true)]
    [InlineData("-m set --match-set v6 src", false)]
    [InlineData("-m set --match-set legs src,src", true)]
    [InlineData("-m set --match-set all src", true)]
    [InlineData("-m set --match-set absent src", null)]
    [InlineData("-m u32 --u32 0&1=1", null)]
    public void A_condition_holds_as_iptables_means_it(string condition, bool? holds)
    {
        const string sets = """
            create hosts hash:ip family inet
            add hosts 192.168.1.5
            create nets hash:net family inet
            add nets 172.24.0.0/16
            add nets 172.24.4.0/24 nomatch
            create pairs hash:ip,port family inet
            add pairs 172.24.4.1,tcp:22
            create v6 hash:net family inet6
            add v6 ::/0
            create legs hash:net,iface family inet
            add legs 192.168.1.0/24,in0
            create all list:set size 8
            add all hosts

            """;

        var result = Rules.Iptables($"*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD {condition} -j DROP\nCOMMIT\n", sets).Run(HookPoint.Forward, Rules.Tcp(22));

        Assert.Equal(holds switch { true => FilterFate.Drop, false => FilterFate.Accept, _ => FilterFate.Unknown }, result.Fate);
    }

    [Theory]
    [InlineData("--ttl-set 5", 5)]
    [InlineData("--ttl-dec 4", 60)]
    [InlineData("--ttl-dec 100", 0)]
    [InlineData("--ttl-inc 1", 65)]
    [InlineData("--ttl-inc 250", 255)]
    public void A_TTL_is_set_or_moved_within_a_byte(string option, int after) =>
        Assert.Equal(after, Rules.Iptables($"*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j TTL {option}\nCOMMIT\n").Run(HookPoint.Forward, Rules.Ping with { TimeToLive = 64 }).Packet.TimeToLive);

    [Theory]
    [InlineData("MARK --set-xmark 0x5/0xffffffff", 0x12u, 0x5u)]
    [InlineData("MARK --set-xmark 0x4000000/0xffff0000", 0x12u, 0x4000012u)]
    [InlineData("MARK --set-xmark 0x0/0xfffffffe", 0x13u, 0x1u)]
    [InlineData("CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf", 0x12u, 0x12u)]
    [InlineData("DSCP --set-dscp 0x08", 0x12u, 0x12u)]
    public void Marks_are_set_by_their_masks(string target, uint before, uint after)
    {
        var result = Rules.Iptables($"*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j {target}\nCOMMIT\n").Run(HookPoint.Forward, Rules.Ping with { Mark = before });

        // Without a connection there is none to restore from: that rule does nothing.
        Assert.Equal(after, result.Packet.Mark);
    }

    [Theory]
    [InlineData("DSCP --set-dscp 0x08", 0x20)]
    [InlineData("TOS --set-tos 0x10/0xff", 0x10)]
    [InlineData("TOS --set-tos 0x00/0xe7", 0x18)]
    [InlineData("TOS --set-tos 0x20/0x20", 0x3c)]
    [InlineData("TOS --set-tos 0x18/0x00", 0x04)]
    public void The_service_class_is_set_by_its_mask(string target, int after)
    {
        var result = Rules.Iptables($"*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j {target}\nCOMMIT\n")
            .Run(HookPoint.Forward, Rules.Ping with { Dscp = 0x1c >> 2 });

        Assert.Equal(after, result.Packet.Dscp << 2);
    }

    [Fact]
    public void Built_in_chains_hang_where_the_kernel_has_them()
    {
        var tables = Rules.Iptables(CorpusFile.Read("iptables-save.txt"), CorpusFile.Read("ipset-save.txt")).Tables;
        var hooks = tables.SelectMany(table => table.Chains.Where(chain => chain.Hook is not null)
            .Select(chain => $"{table.Name} {chain.Name} {chain.Hook!.Type} {chain.Hook.Point} {chain.Hook.Priority} {(chain.Hook.Drops ? "drop" : "accept")}")).ToList();

        Assert.Contains("raw PREROUTING filter Prerouting -300 accept", hooks);
        Assert.Contains("mangle OUTPUT route Output -150 accept", hooks);
        Assert.Contains("nat PREROUTING nat Prerouting -100 accept", hooks);
        Assert.Contains("nat POSTROUTING nat Postrouting 100 accept", hooks);
        Assert.Contains("filter FORWARD filter Forward 0 drop", hooks);
        Assert.Contains("security INPUT filter Input 50 accept", hooks);
    }

    [Fact]
    public void Chains_of_ebtables_have_policies_of_their_own()
    {
        const string dump = """
            *filter
            :INPUT ACCEPT
            :FORWARD ACCEPT
            :OUTPUT ACCEPT
            :x DROP
            :y ACCEPT
            -A FORWARD -p IPv4 --ip-src 192.168.1.0/24 --ip-proto tcp --ip-dport 22:23 -j y
            -A FORWARD -p IPv4 -s ! fa:16:3e:10:00:00 -j DROP
            -A FORWARD -p ARP --arp-op Request --arp-ip-src ! 192.168.1.5 -j x
            -A FORWARD -p IPv4 -j x

            """;
        var ruleset = Rules.Iptables(dump, program: "ebtables-nft");
        FilterResult At(Packet packet) => HookRun.Run(ruleset, Rules.At(HookPoint.Forward, packet, "bridge"));
        var arp = Rules.Ping with { EtherType = Packet.EtherArp, ArpOperation = 1, Protocol = 0 };

        Assert.Equal((FilterFate.Accept, "policy ACCEPT"), (At(Rules.Tcp(22)).Fate, At(Rules.Tcp(22)).Decision?.Rule?.Text));
        Assert.Equal((FilterFate.Drop, "policy DROP"), (At(Rules.Ping).Fate, At(Rules.Ping).Decision?.Rule?.Text));
        Assert.Equal(FilterFate.Accept, At(arp).Fate);
        Assert.Equal(FilterFate.Drop, At(arp with { Source = IpAddress.Parse("192.168.1.6") }).Fate);
    }

    [Fact]
    public void The_targets_of_arptables_may_stand_anywhere()
    {
        var ruleset = Rules.Iptables("*filter\n:INPUT DROP\n:OUTPUT ACCEPT\n-A INPUT -j ACCEPT ! -i eth+ -s 192.168.1.0/24 --opcode 1\n", program: "arptables-nft");
        var arp = Rules.Ping with { EtherType = Packet.EtherArp, ArpOperation = 1, Protocol = 0 };

        Assert.Equal(FilterFate.Accept, HookRun.Run(ruleset, Rules.At(HookPoint.Input, arp, "arp")).Fate);
        Assert.Equal(FilterFate.Drop, HookRun.Run(ruleset, Rules.At(HookPoint.Input, arp, "arp") with { In = "eth0" }).Fate);
        Assert.Equal(FilterFate.Drop, HookRun.Run(ruleset, Rules.At(HookPoint.Input, arp with { ArpOperation = 2 }, "arp")).Fate);
    }

    [Fact]
    public void A_table_of_iptables_nft_counts_as_its_own_program_shows_it()
    {
        const string listed = """
            {"nftables": [{"table": {"family": "ip", "name": "filter"}},
            {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "type": "filter", "hook": "forward", "prio": 0, "policy": "accept"}},
            {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 2, "expr": [{"xt": {"type": "match", "name": "physdev"}}, {"drop": null}]}}]}
            """;
        var dump = new RuleDump("iptables-nft", "*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD -m physdev --physdev-in tap1 -j DROP\nCOMMIT\n");

        var joined = RulesetReader.Read(new ObservedNamespace { Name = "", Nftables = listed, Iptables = [dump] });
        var alone = RulesetReader.Read(new ObservedNamespace { Name = "", Nftables = listed });

        Assert.Equal("iptables-nft", Assert.Single(joined.Tables).Program);
        Assert.Equal(FilterFate.Accept, joined.Run(HookPoint.Forward, Rules.Ping).Fate);
        Assert.Equal((FilterFate.Unknown, "xt match physdev"), (alone.Run(HookPoint.Forward, Rules.Ping).Fate, alone.Run(HookPoint.Forward, Rules.Ping).Unknown));
    }
}
