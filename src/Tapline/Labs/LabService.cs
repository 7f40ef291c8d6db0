using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tapline.Labs;

/// <summary>One service of a lab, started again when it ends unless it was stopped on purpose.</summary>
internal sealed class LabService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string[] _command;
    private readonly string _log;
    private readonly Lock _lock = new(); // guards the two below
    private Process? _process;
    private bool _wanted = true;

    public LabService(string host, string service, string[] command, string log)
    {
        Host = host;
        Service = service;
        _command = command;
        _log = log;
        Start();
    }

    public string Host { get; }

    public string Service { get; }

    public JsonObject Describe()
    {
        lock (_lock)
        {
            return new JsonObject
            {
                ["host"] = Host.Length > 0 ? Host : "lab", // the server is on none of the hosts
                ["service"] = Service,
                ["state"] = _process is { HasExited: false } ? "running" : _wanted ? "restarting" : "stopped",
                ["pid"] = _process is { HasExited: false } ? _process.Id : null,
                ["log"] = _log,
            };
        }
    }

    public void Do(string action)
    {
        lock (_lock)
        {
            _wanted = action != "stop";
            if (action == "start" && _process is not { HasExited: false })
            {
                Start();
            }
            else if (action is "kill" or "stop" && _process is { HasExited: false } process)
            {
                (action == "kill" ? (Action<int>)Signal.Kill : Signal.Terminate)(process.Id);
            }
        }
    }

    /// <summary>A shell puts the output into the log and becomes the service: the pid is the service's own.</summary>
    private void Start()
    {
        var start = new ProcessStartInfo("sh", ["-c", "log=$1; shift; exec \"$@\" < /dev/null >> \"$log\" 2>&1", "sh", _log, .. _command]) { UseShellExecute = false };
        var process = Process.Start(start) ?? throw new CommandException($"{Service} did not start");
        process.Exited += (_, _) => _ = RestartAsync(process);
        process.EnableRaisingEvents = true; // last: one that has ended already is told of at once
        _process = process;
    }

    private async Task RestartAsync(Process ended)
    {
        await Task.Delay(Pause).ConfigureAwait(false);
        lock (_lock)
        {
            if (ReferenceEquals(_process, ended))
            {
                _process = null; // what is disposed of can not be asked whether it runs
                if (_wanted)
                {
                    Start();
                }
            }
        }

        ended.Dispose();
    }
}
