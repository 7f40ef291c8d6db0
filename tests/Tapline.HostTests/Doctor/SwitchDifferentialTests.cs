using CsCheck;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host.Observed;
using Tapline.HostTests.Doctor.Oracle;
using Tapline.HostTests.Wire;

namespace Tapline.HostTests.Doctor;

/// <summary>The evaluator against ovs-vswitchd's own <c>ofproto/trace</c>.</summary>
public sealed class SwitchDifferentialTests(ITestOutputHelper output)
{
    /// <summary>By hand: how many switches and from which seed on; then what is unknown is told too.</summary>
    private const string SwitchesVariable = "TAPLINE_SWITCHES";

    private const int Switches = 32;

    [Fact]
    public async Task The_evaluator_and_the_real_switch_agree()
    {
        await using var ovs = await PrivateOvs.StartAsync("dummy", TestContext.Current.CancellationToken);
        var live = new LiveSwitch(ovs);
        var (pairs, unknown, dropped) = (0, 0, 0);
        var disagreements = new List<string>();
        foreach (var seed in Seeds.From(SwitchesVariable, Switches).TakeWhile(_ => disagreements.Count < 12))
        {
            var layout = RandomSwitch.Any.Generate(new PCG(0, (ulong)seed), null, out _);
            var seen = await live.LayOutAsync(layout, translated: seed % 2 == 1);
            foreach (var frame in layout.Frames)
            {
                var question = SwitchTraceReader.Question(frame.Packet, frame.Port == frame.Bridge ? "LOCAL" : frame.Port);
                var trace = await live.TraceAsync(frame.Bridge, question);
                var told = SwitchTraceReader.Read(trace, seen, frame.Bridge, frame.Port, frame.Packet);
                var worked = SwitchRun.Forward(seen, frame.Bridge, frame.Port, frame.Packet);
                pairs++;
                unknown += worked.Unknown is null ? 0 : 1;
                dropped += told.Outputs.IsEmpty ? 1 : 0;
                if (told.Unknown is not null || (worked.Unknown is null && (Ways(told) != Ways(worked) || Flows(told) != Flows(worked))))
                {
                    disagreements.Add($"switch {seed}\n{Show(seen)}\n{question}\n{trace}\nreal: {Ways(told)} {told.Unknown}\nours: {Ways(worked)}\n{Flows(told)}\n{string.Join('\n', worked.Steps)}\n");
                }
                else if (worked.Unknown is { } words && Environment.GetEnvironmentVariable(SwitchesVariable) is not null)
                {
                    output.WriteLine($"unknown: {words}");
                }
            }
        }

        var summary = $"{pairs} pairs, {dropped} dropped, {unknown} unknown, {live.Refused} flows refused, {disagreements.Count} disagreements";
        output.WriteLine(summary);
        Assert.True(disagreements.Count == 0, $"{summary}\n{string.Join("\n--------\n", disagreements)}");
        Assert.True(pairs >= 400, summary);
        Assert.True(unknown * 50 <= pairs, summary);
    }

    private static string Ways(SwitchResult result) => string.Join(' ', result.Outputs.Select(Way).Order(StringComparer.Ordinal));

    private static string Way(SwitchOutput output) => output.Packet is var packet
        ? $"{output.Bridge}:{output.Port}/{packet.Vlan}/{packet.InnerVlan}({packet.EtherSource}>{packet.EtherDestination},{packet.Source}>{packet.Destination},"
            + $"{packet.TimeToLive},{packet.Dscp},{packet.SourcePort}>{packet.DestinationPort},{packet.ArpOperation},{packet.ArpSender},{packet.ArpTarget})"
        : "";

    private static string Flows(SwitchResult result) => string.Join('\n', result.Steps.Where(step => step.Table is not null)
        .Select(step => $"{step.Bridge} {step.Table} {step.Flow}").Order(StringComparer.Ordinal));

    private static string Show(ObservedSwitch seen) => string.Join('\n', seen.Bridges.Select(bridge =>
        $"{bridge.Name}\n{string.Join('\n', bridge.Ports.Select(port => $"  {port.Name} #{port.Interfaces[0].Ofport} tag={port.Tag} trunks={port.Trunks} {port.VlanMode} {port.OtherConfig} {port.Interfaces[0].Options} {port.Interfaces[0].Config}"))}"
        + $"\n  {string.Join(' ', bridge.Fdb)}\n{string.Join('\n', bridge.Groups)}\n{string.Join('\n', bridge.Flows.Select(flow => FlowReader.Read(flow).Text))}"));
}
