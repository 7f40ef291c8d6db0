using Tapline.Load;

// Usage: tapline-load BINARY SCRATCH RUNS FIGURE…; bench/run fills in the first two.
var figures = new Dictionary<string, Action<Context>>
{
    ["server-start"] = ApiFigures.ServerStart,
    ["port-create"] = ApiFigures.PortCreate,
    ["port-rate"] = ApiFigures.PortRate,
    ["port-list"] = ApiFigures.PortList,
    ["plan"] = PlanFigures.Measure,
    ["plug"] = HostFigures.Plug,
    ["router"] = HostFigures.Router,
    ["floating-ip"] = HostFigures.FloatingIp,
    ["instance"] = HostFigures.Instance,
    ["host-200"] = HostFigures.WithManyPorts,
    ["doctor"] = DoctorFigures.Measure,
};
if (args is not [var binary, var scratch, var runs, .. var names] || !int.TryParse(runs, out var count) || names.Length == 0
    || names.Any(name => name != "all" && !figures.ContainsKey(name)))
{
    Console.Error.WriteLine($"usage: bench/run [-n RUNS] FIGURE…, with FIGURE one of: all {string.Join(' ', figures.Keys)}");
    return 64;
}

var context = new Context(binary, Directory.CreateDirectory(scratch).FullName, count);
try
{
    foreach (var (name, measure) in figures.Where(figure => names.Contains("all") || names.Contains(figure.Key)))
    {
        measure(context);
    }

    context.PrintTable();
    return 0;
}
#pragma warning disable CA1031 // Whatever ends a measurement, what was measured is told and what was started is ended.
catch (Exception error)
#pragma warning restore CA1031
{
    context.PrintTable();
    Console.Error.WriteLine(error is LoadException ? error.Message : error.ToString());
    return 1;
}
finally
{
    Directory.Delete(context.Scratch, recursive: true);
}
