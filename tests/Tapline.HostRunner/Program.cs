using System.Globalization;
using Tapline.HostRunner;

// The agent's hands without its ears: it says its pid, then carries out one order a line on the host that it runs on, and answers each
// with a line. It ends with its input, or when it is killed: that is what it is for.
await using var worker = new Worker(hostName: args[0], datapathType: args[1]);
Console.Out.WriteLine(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
while (Console.In.ReadLine() is { } line)
{
    Console.Out.WriteLine((await worker.CarryOutAsync(Order.Parse(line), CancellationToken.None)).ToJson());
}
