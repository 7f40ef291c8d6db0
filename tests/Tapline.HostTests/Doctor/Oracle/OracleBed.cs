using System.Text.Json.Nodes;
using Tapline.HostTests.Doctor.Bed;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>The host that a script laid out. What undo commands cannot bring back stays broken.</summary>
internal sealed class OracleBed : OracleHost
{
    private static readonly BedFault None = new("", "untouched", new Dictionary<string, string>());
    private readonly ForeignBed _bed;

    private OracleBed(ForeignBed bed) => _bed = bed;

    public static async Task<OracleHost> StartAsync() => new OracleBed(await ForeignBed.StartAsync());

    public override Task<Shell.Result> RunAsync(string commands) => _bed.RunAsync(commands);

    public override Task<bool> PingsAsync(string way) => _bed.PingsAsync(way, None);

    public override Task<JsonNode> DoctorAsync(string way, string more = "") => _bed.DoctorAsync(way, None, more);

    public override async Task<bool> RestoreAsync() => await DeviationAsync() is null;

    protected override Task<Shell.Result?> MendAsync(string where, string command) => _bed.MendAsync(where, command);

    protected override Task<Shell.Result> OutsideAsync(string command) => RunAsync($"$E {command}");

    public override ValueTask DisposeAsync() => _bed.DisposeAsync();
}
