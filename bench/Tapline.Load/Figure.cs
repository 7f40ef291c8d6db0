using System.Diagnostics;

namespace Tapline.Load;

/// <summary>One line of the table: measured several times, with the machine's state beside each.</summary>
internal sealed class Figure(string name, string unit, string target, bool smaller = true)
{
    private readonly List<double> _values = [];
    private readonly List<double> _loads = [];
    private readonly List<double> _syncs = [];

    /// <summary>Adds one run and prints it.</summary>
    public void Add(double value, string scratch)
    {
        var (load, sync) = (Machine.LoadAverage(), Machine.Fdatasync(scratch));
        _values.Add(value);
        _loads.Add(load);
        _syncs.Add(sync);
        Console.WriteLine($"{name}: {value:0.000} {unit} (load {load:0.0}, fdatasync {sync:0.00} ms)");
    }

    public double Last => _values[^1];

    /// <summary>The line of docs/performance.md.</summary>
    public void Print()
    {
        if (_values.Count > 0)
        {
            Console.WriteLine(
                $"| {name} | {(smaller ? "<" : ">")} {target} | {Number(Machine.Median(_values))} {unit} ({Number(_values.Min())}–{Number(_values.Max())}) "
                + $"| {Machine.Median(_loads):0.0} | {Machine.Median(_syncs):0.00} ms |");
        }
    }

    public static double Milliseconds(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    private static string Number(double value) => value >= 100 ? $"{value:0}" : value >= 10 ? $"{value:0.0}" : $"{value:0.00}";
}
