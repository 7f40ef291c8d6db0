namespace Tapline.Load;

/// <summary>What every figure is measured with.</summary>
/// <param name="Binary">The release's program.</param>
/// <param name="Scratch">A directory on the disk whose syncs are measured.</param>
/// <param name="Count">How often each is measured.</param>
internal sealed record Context(string Binary, string Scratch, int Count)
{
    private readonly List<Figure> _done = [];

    public IEnumerable<int> Runs => Enumerable.Range(1, Count);

    public void Print(params ReadOnlySpan<Figure> figures)
    {
        foreach (var figure in figures)
        {
            _done.Add(figure);
        }
    }

    /// <summary>The table's lines, at the end of all.</summary>
    public void PrintTable()
    {
        Console.WriteLine();
        Console.WriteLine("| figure | target | median of the runs (min–max) | load | fdatasync |");
        Console.WriteLine("|---|---|---|---|---|");
        _done.ForEach(figure => figure.Print());
    }
}
