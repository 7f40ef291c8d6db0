using System.Text.Json.Nodes;
using Tapline.HostTests.Reading;

namespace Tapline.HostTests.Doctor;

/// <summary><c>tapline doctor host</c> on hosts of its own: what it finds there, and that what it says mends it.</summary>
public sealed class HostFitnessTests
{
    [Fact]
    public async Task Who_drops_bridged_packets_is_found_and_what_is_said_lets_them_pass()
    {
        Assert.SkipUnless(ScratchHost.Has("iptables-nft"), "iptables-nft is not installed");
        using var host = await ScratchHost.RunAsync("""
            mended() {
                "$tapline" doctor host > $out/$1.text || true
                sed -n '/(host.forward-drop)/,/^$/s/^mend  //p' $out/$1.text > $out/$1.mend
                sh -ex $out/$1.mend
                "$tapline" doctor host --json > $out/$1.json || true
            }
            iptables-nft -P FORWARD DROP
            mended policy
            iptables-nft -P FORWARD ACCEPT
            nft 'table ip foreign { chain f { type filter hook forward priority 5; ct state established accept; drop; }; }'
            mended rule
            """);

        foreach (var (kind, command) in ((string, string)[])[("policy", "iptables-nft -I FORWARD "), ("rule", "nft insert rule ip foreign f ")])
        {
            Assert.Contains("not fit to carry instances", host.Text($"{kind}.text"), StringComparison.Ordinal);
            Assert.StartsWith(command, host.Text($"{kind}.mend"), StringComparison.Ordinal);
            Assert.Equal("ok", Level(host.Text($"{kind}.json"), "host.forward-drop"));
        }
    }

    [Fact]
    public async Task A_file_is_judged_as_the_host_was_and_the_exit_code_says_how_it_stands()
    {
        using var host = await ScratchHost.RunAsync("""
            sysctl -qw net.bridge.bridge-nf-call-iptables=0
            "$tapline" doctor host --json > $out/host.json || echo $? > $out/code
            observe observation
            sysctl -qw net.bridge.bridge-nf-call-iptables=1
            "$tapline" doctor host --snapshot $out/observation --json > $out/file.json || echo $? >> $out/code
            """);

        Assert.Equal("1\n1\n", host.Text("code"));
        Assert.Equal("unfit", (string?)JsonNode.Parse(host.Text("file.json"))!["verdict"]);
        Assert.Equal(("bad", "bad"), (Level(host.Text("host.json"), "host.bridge-filter"), Level(host.Text("file.json"), "host.bridge-filter")));
        Assert.Equal("bad", Level(host.Text("file.json"), "host.ovs-database")); // there is none
    }

    private static string? Level(string json, string code) =>
        (string?)JsonNode.Parse(json)!["findings"]!.AsArray().First(finding => (string?)finding!["code"] == code)!["level"];
}
