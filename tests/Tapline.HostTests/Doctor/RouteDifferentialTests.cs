using System.Globalization;
using System.Text;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;
using Tapline.HostTests.Doctor.Oracle;
using Tapline.HostTests.Reading;

namespace Tapline.HostTests.Doctor;

/// <summary>The route lookup against the kernel's (<c>ip route get</c>): random routes and policy rules, random questions to them; TAPLINE_ROUTES="24 100" for other seeds.</summary>
public sealed class RouteDifferentialTests
{
    private const int Namespaces = 24;
    private const int Questions = 14;

    private static readonly string[] Devices = ["d0", "d1", "d2"];
    private static readonly string[] Own = ["10.0.0.1", "10.1.0.1", "10.2.0.1"];
    private static readonly string[] Others = ["10.0.0.9", "10.1.0.9", "10.1.0.77", "10.2.0.9", "192.0.2.1", "198.51.100.7", "203.0.113.9"];
    private static readonly string[] Prefixes = ["default", "10.1.0.0/24", "10.1.0.64/26", "192.0.2.0/24", "192.0.2.1/32", "198.51.100.0/24", "0.0.0.0/1", "203.0.113.0/24", "10.0.0.9/32"];

    [Fact]
    public async Task Routes_and_rules_lead_where_the_kernel_goes()
    {
        var questions = new List<RouteQuestion>();
        var script = new StringBuilder();
        foreach (var seed in Seeds.From("TAPLINE_ROUTES", Namespaces))
        {
            Lay(script, $"n{seed}", new Chance(seed), questions);
        }

        using var host = await ScratchHost.RunAsync(script + "observe observation\n");

        var observation = host.Observation("observation");
        var answers = host.Text("answers").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(questions.Count, answers.Length);
        var differ = questions.Zip(answers)
            .Select(pair => (pair.First, Kernel: Told(pair.Second), Ours: Answer(observation.Namespace(pair.First.Namespace)!, pair.First), Said: pair.Second))
            .Where(item => item.Kernel != item.Ours && !item.Ours.EndsWith(RouteLookup.Untold, StringComparison.Ordinal))
            .Select(item => $"{item.First.Text}: the kernel {item.Kernel} ({item.Said}), we {item.Ours}\n{host.Text(item.First.Namespace)}");
        Assert.True(!differ.Any(), string.Join("\n\n", differ));
    }

    private static void Lay(StringBuilder script, string ns, Chance chance, List<RouteQuestion> questions)
    {
        script.AppendLine(CultureInfo.InvariantCulture, $"ip netns add {ns}; ip netns exec {ns} sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.send_redirects={chance.Of("0", "1")} net.ipv4.conf.default.send_redirects=0");
        foreach (var (device, address) in Devices.Zip(Own))
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} link add {device} type veth peer name p{device}; ip -n {ns} link set {device} up; ip -n {ns} link set p{device} up; ip -n {ns} addr add {address}/24 dev {device}");
        }

        if (chance.OneIn(4))
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} rule add pref 99 lookup 99; ip -n {ns} rule del pref 99; echo 'a rule came and went' >> $out/{ns}");
        }

        if (chance.OneIn(4))
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} route add local 172.16.0.1/32 dev lo; ip -n {ns} route del local 172.16.0.1/32 dev lo; echo 'a local route came and went' >> $out/{ns}");
        }

        if (chance.OneIn(4))
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} link set lo up; ip -n {ns} addr add 192.0.2.5/24 dev lo; echo 'addr add 192.0.2.5/24 dev lo' >> $out/{ns}");
        }

        var lines = Enumerable.Range(0, 2 + chance.Below(5)).Select(_ => Route(chance)).Concat(Enumerable.Range(0, chance.Below(5)).Select(_ => Rule(chance))).ToList();
        foreach (var line in lines)
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} {line} 2> /dev/null && echo '{line}' >> $out/{ns} || true");
        }

        if (chance.OneIn(3))
        {
            var late = $"addr add {chance.Of("10.0.0.9/32 dev d0", "10.1.0.9/32 dev d1", "10.2.0.9/24 dev d2", "10.1.0.9/32 dev d0")}"; // a gateway becomes its own
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} {late}; echo '{late}' >> $out/{ns}");
        }

        var settings = chance.Of("", "net.ipv4.conf.d0.rp_filter=1", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.all.rp_filter=2", "net.ipv4.conf.all.accept_local=1", "net.ipv4.conf.all.accept_local=1 net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.all.accept_local=1 net.ipv4.conf.d1.rp_filter=2", "net.ipv4.conf.d1.src_valid_mark=1 net.ipv4.conf.d1.rp_filter=1");
        script.AppendLine(CultureInfo.InvariantCulture, $"ip netns exec {ns} sysctl -qw net.ipv4.conf.lo.rp_filter=0 {settings}; echo '{settings}' >> $out/{ns}");
        for (var index = 0; index < Questions; index++)
        {
            var question = RouteQuestion.Make(ns, chance, Devices, Own, Others);
            questions.Add(question);
            script.AppendLine(CultureInfo.InvariantCulture, $"ip -n {ns} {question.Text} 2>&1 | head -n 1 >> $out/answers");
        }
    }

    private static string Route(Chance chance)
    {
        var table = chance.OneIn(2) ? "" : $" table {chance.Of("100", "200")}";
        var more = (chance.OneIn(3) ? $" metric {chance.Of("5", "50")}" : "") + (chance.OneIn(6) ? " tos 0x10" : "");
        return $"route {chance.Of("add", "append")} " + (chance.Below(6) switch
        {
            0 => $"{chance.Of("blackhole", "unreachable", "prohibit", "throw")} {chance.Of(Prefixes)}",
            1 => $"local {chance.Of("192.0.2.0/24", "198.51.100.7/32", "203.0.113.0/24", "10.0.0.0/8", "10.1.0.64/26", "0.0.0.0/0")} dev lo",
            2 or 3 => $"{chance.Of(Prefixes)} via {chance.Of("10.0.0.9", "10.1.0.9", "10.2.0.9", "10.1.0.1")}",
            _ => $"{chance.Of(Prefixes)} dev {chance.Of(Devices)}",
        }) + more + table;
    }

    private static string Rule(Chance chance)
    {
        var selectors = string.Join(' ', Enumerable.Range(0, 1 + chance.Below(2)).Select(_ => chance.Of(
            $"from {chance.Of("10.0.0.0/24", "10.1.0.9", "192.0.2.0/24", "10.0.0.1")}", $"to {chance.Of("10.1.0.0/24", "192.0.2.0/24", "198.51.100.7")}", $"iif {chance.Of("d0", "d1", "lo")}", $"oif {chance.Of(Devices)}",
            "fwmark 0x1", "fwmark 0x0/0x2", "tos 0x10", "ipproto tcp", "ipproto udp", "dport 53", "sport 1000-2000", "from all")).DistinctBy(selector => selector.Split(' ')[0]));
        return $"rule add pref {chance.Of("10", "20", "30", "32766", "40000")} {(chance.OneIn(6) ? "not " : "")}{selectors} {chance.Of("lookup 100", "lookup 200", "lookup 100", "blackhole", "unreachable", "prohibit", "goto 32767", "nop", "lookup main suppress_prefixlength 0", "lookup local")}";
    }

    private static string Told(string line) => line.Split(' ') switch
    {
        ["local", ..] => "local",
        ["broadcast" or "multicast", ..] => "broadcast",
        ["RTNETLINK", ..] => "nowhere",
        var words => $"by {words[Array.IndexOf(words, "dev") + 1]} to {(Array.IndexOf(words, "via") is > 0 and var via ? words[via + 1] : words[0])}",
    };

    private static string Answer(ObservedNamespace ns, RouteQuestion question)
    {
        var packet = question.Packet;
        var answer = RouteLookup.Find(ns, RouteQuery.For(packet, question.In));
        var refusal = question.In is { } device ? SourceCheck.Of(ns, device, packet, answer.Hop?.Device is { } hop && answer.Type == "unicast" ? hop : null) : null;
        return answer.Unknown ?? refusal?.Back?.Unknown ?? (refusal is not null ? "nowhere" : answer switch
        {
            { Type: "local" } => "local",
            { Type: "broadcast" or "multicast" } => "broadcast",
            { Type: "unicast", Hop: { } way } => $"by {way.Device} to {way.Via ?? packet.Destination}",
            _ => "nowhere",
        });
    }
}
