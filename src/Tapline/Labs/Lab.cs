using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tapline.Labs;

/// <summary>A lab as the machine sees it: brought up, addressed, entered, ended.</summary>
internal static class Lab
{
    public const string DefaultName = "lab";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>The name if no lab has it, else the first free one with a number behind.</summary>
    public static string FreeName(string name) =>
        Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? name : $"{name}-{number}")
            .First(candidate => LabRegistry.Find(candidate) is null && !Directory.Exists(LabRegistry.DirectoryOf(candidate)));

    /// <summary>Starts a lab and returns when its server answers and its host is wired.</summary>
    public static async Task<LabEntry> UpAsync(string name, CancellationToken cancellationToken)
    {
        if (LabRegistry.Find(name) is not null)
        {
            throw new CommandException($"lab '{name}' runs already: 'tapline lab down --name {name}' ends it, --name gives another one its own name");
        }

        Preflight.Check();
        LabRegistry.Create(name);
        var paths = LabPaths.Of(name);
        var port = FreePort();
        using var process = Start(name, paths, port);
        try
        {
            await WaitForAsync(paths, process, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            LabRegistry.Remove(name);
            throw;
        }

        var lab = new LabEntry(name, process.Id, ProcessTable.StartOf(process.Id) ?? 0, $"http://127.0.0.1:{port}");
        LabRegistry.Write(lab);
        return lab;
    }

    /// <summary>Ends it and everything in it.</summary>
    public static async Task DownAsync(LabEntry lab, CancellationToken cancellationToken)
    {
        // The kernel ends every process of a pid namespace with its first one; unshare ends with that.
        foreach (var init in ProcessTable.ChildrenOf(lab.Pid).ToList())
        {
            Signal.Kill(init);
        }

        for (var i = 0; i < 500 && ProcessTable.StartOf(lab.Pid) == lab.Started; i++)
        {
            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
        }

        Signal.KillIfSame(lab.Pid, lab.Started);
        LabRegistry.Remove(lab.Name);
    }

    /// <summary>The lab of that name; without it a message that says which there are.</summary>
    public static LabEntry Require(string name)
    {
        var labs = LabRegistry.Labs();
        return labs.FirstOrDefault(lab => lab.Name == name)
            ?? throw new CommandException(labs.Count == 0
                ? $"there is no lab '{name}': 'tapline lab up' makes one"
                : $"there is no lab '{name}'; there are: {string.Join(", ", labs.Select(lab => lab.Name))}");
    }

    /// <summary>Name, URL, hosts, and each service with its pid on this machine and its log.</summary>
    public static async Task<JsonObject> DescribeAsync(LabEntry lab, CancellationToken cancellationToken)
    {
        var status = await StatusAsync(lab, cancellationToken).ConfigureAwait(false);
        var init = ProcessTable.ChildrenOf(lab.Pid).FirstOrDefault();
        var numbers = ProcessTable.NumbersIn(init);
        foreach (var service in status["services"]!.AsArray())
        {
            // The lab's tmpfs is not the machine's: through the first process' root the log can be read from here.
            service!["log"] = $"/proc/{init}/root{service["log"]}";
            service["pid"] = service["pid"] is { } inner && numbers.TryGetValue((int)inner, out var outer) ? outer : null;
        }

        foreach (var host in status["hosts"]!.AsArray())
        {
            host!["pid"] = numbers.TryGetValue((int)host["pid"]!, out var outer) ? outer : null;
            host["services"] = new JsonArray([.. status["services"]!.AsArray().Where(service => (string?)service!["host"] == (string?)host["name"])
                .Select(service => service!.DeepClone())]);
        }

        return new JsonObject
        {
            ["name"] = lab.Name,
            ["api_url"] = lab.ApiUrl,
            ["pid"] = init,
            ["hosts"] = status["hosts"]!.DeepClone(),
            ["services"] = status["services"]!.DeepClone(),
        };
    }

    private static async Task<JsonObject> StatusAsync(LabEntry lab, CancellationToken cancellationToken)
    {
        try
        {
            return await LabControl.AskAsync(LabPaths.Of(lab.Name).Control, new JsonObject { ["do"] = "status" }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            throw new CommandException($"lab '{lab.Name}' does not answer, it is probably just ending: {error.Message}");
        }
    }

    private static Process Start(string name, LabPaths paths, int port)
    {
        var log = paths.StartLog;
        string[] user = Identity.IsRoot ? [] : ["--user", "--map-root-user"];
        string[] unshare = ["unshare", .. user, .. MountNamespace.Options, "--pid", "--fork", "--kill-child", "--mount-proc"];

        // A shell is the pid namespace's first process: it reaps what services leave behind and ends when the lab's supervisor does.
        const string first = "\"$0\" lab-init \"$@\" & wait $!";
        string[] init = ["sh", "-c", first, Self.Executable, paths.Directory, port.ToString()];
        var script = $"exec setsid {string.Join(' ', ((string[])[.. unshare, .. init]).Select(Quote))} < /dev/null > {Quote(log)} 2>&1";
        var start = new ProcessStartInfo("sh", ["-c", script]) { UseShellExecute = false };
        start.Environment["TAPLINE_LAB"] = name;
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // a killed runtime would leave its pipes in /tmp
        return Process.Start(start) ?? throw new CommandException("sh did not start");
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static async Task WaitForAsync(LabPaths paths, Process process, CancellationToken cancellationToken)
    {
        var limit = Stopwatch.StartNew();
        while (limit.Elapsed < StartLimit)
        {
            if (process.HasExited)
            {
                throw new CommandException($"the lab ended while it started:\n{ReadLog(paths)}");
            }

            try
            {
                if (File.Exists(paths.Control))
                {
                    var answer = await LabControl.AskAsync(paths.Control, new JsonObject { ["do"] = "wait-ready" }, cancellationToken).ConfigureAwait(false);
                    if ((bool?)answer["ready"] == true)
                    {
                        return;
                    }
                }
            }
            catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
            {
                // Not listening yet.
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }

        throw new CommandException($"the lab was not ready after {StartLimit.TotalSeconds} s:\n{ReadLog(paths)}");
    }

    private static string ReadLog(LabPaths paths) => File.Exists(paths.StartLog) ? File.ReadAllText(paths.StartLog) : "(no log)";

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return ((System.Net.IPEndPoint)socket.LocalEndpoint).Port;
    }
}
