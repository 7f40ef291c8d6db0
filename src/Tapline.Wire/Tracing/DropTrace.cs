using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;

namespace Tapline.Wire.Tracing;

/// <summary>
/// The kernel's tracepoint <c>skb:kfree_skb</c>, of the whole machine, in a tracing instance of one's own. tracefs is mounted, where it is
/// not, on a thread with mounts of its own. An instance does not end with its process: it is removed on disposal; a shell that waits for
/// our end removes it where we are killed, and the next that opens one what even that one has left.
/// </summary>
public sealed class DropTrace : IDisposable
{
    private readonly string _prefix;
    private readonly List<DropEvent> _events = [];
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    private DropTrace(string prefix)
    {
        _prefix = prefix;
        _thread = new Thread(Serve) { IsBackground = true, Name = "drop trace" };
        _thread.Start();
        _ready.Wait();
    }

    /// <summary>Begins; throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> without the right to trace.</summary>
    /// <param name="prefix">What the names of all instances of this kind begin with, and no others.</param>
    public static DropTrace Open(string prefix)
    {
        var trace = new DropTrace(prefix);
        trace._failure?.Throw();
        return trace;
    }

    /// <summary>Ends it and tells what was thrown away meanwhile.</summary>
    public IReadOnlyList<DropEvent> Stop()
    {
        _stop.Set();
        _thread.Join();
        return _events;
    }

    public void Dispose()
    {
        Stop();
        _ready.Dispose();
        _stop.Dispose();
    }

    private void Serve()
    {
        try
        {
            var root = TraceFileSystem.Find();
            TraceFileSystem.Sweep(root, _prefix);
            var instance = $"{root}/instances/{_prefix}{Environment.ProcessId}-{Environment.TickCount64}";
            Directory.CreateDirectory(instance);
            using var keeper = Keeper(instance);
            try
            {
                Trace(instance);
            }
            finally
            {
                Directory.Delete(instance);
                keeper.StandardInput.Close();
                keeper.WaitForExit();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failure = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _ready.Set();
        }
    }

    /// <summary>Its input ends when we do, however we do; it shares this thread's mounts.</summary>
    private static Process Keeper(string instance)
    {
        const string Script = "trap '' INT HUP TERM; read -r _; n=0; while [ -d \"$0\" ] && [ $n -lt 50 ]; do rmdir \"$0\" 2> /dev/null || sleep 0.05; n=$((n + 1)); done";
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, instance]) { RedirectStandardInput = true, UseShellExecute = false })
            ?? throw new IOException("/bin/sh did not start");
    }

    private void Trace(string instance)
    {
        // Open from the start: an instance that is being read can not be removed by another's sweeping.
        using var pipe = Posix.OpenFile($"{instance}/trace_pipe", Posix.O_RDONLY | Posix.O_NONBLOCK);
        File.WriteAllText($"{instance}/trace_clock", "mono");
        var drops = $"{instance}/events/skb/kfree_skb";
        File.WriteAllText($"{drops}/filter", "protocol == 2048 || protocol == 2054");
        File.WriteAllText($"{drops}/enable", "1");
        _ready.Set();
        _stop.Wait();
        File.WriteAllText($"{drops}/enable", "0");
        foreach (var line in Drain(pipe).Split('\n'))
        {
            if (DropEvent.Parse(line) is { } found)
            {
                _events.Add(found);
            }
        }
    }

    private static unsafe string Drain(SafeFileHandle pipe)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[64 * 1024];
        fixed (byte* start = buffer)
        {
            while (Libc.read(pipe, start, buffer.Length) is var length and > 0)
            {
                text.Append(System.Text.Encoding.ASCII.GetString(buffer, 0, (int)length));
            }
        }

        return text.ToString();
    }
}
