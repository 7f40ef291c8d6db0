using System.Diagnostics;
using System.Globalization;
using Tapline.Core.Model;
using Tapline.HostRunner;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Properties;

/// <summary>An agent in a process of its own on the lab's host, which does as it is told and can be killed.</summary>
internal sealed class Runner : IDisposable
{
    // Or a killed runtime would leave its pipes in /tmp.
    private static readonly Dictionary<string, string> Quiet = new() { ["DOTNET_EnableDiagnostics"] = "0" };
    private readonly LabFixture _lab;
    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly int _pid;

    private Runner(LabFixture lab, Process process, Task<string> error, int pid) => (_lab, _process, _error, _pid) = (lab, process, error, pid);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Tapline.HostRunner.dll");

    public static async Task<Runner> StartAsync(LabFixture lab, string host, string datapath)
    {
        var process = Shell.Start(lab.On("host1", "dotnet", "exec", Program, host, datapath), Quiet);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var hello = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.True(hello is not null, hello is null ? await error : "");
        return new Runner(lab, process, error, int.Parse(hello!, CultureInfo.InvariantCulture));
    }

    /// <summary>Lets it carry out its host's part of a cloud, to the end or up to so many changes.</summary>
    public async Task<Answer> DoAsync(Topology topology, int? stopAfter = null)
    {
        await TellAsync(topology, stopAfter);
        var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.True(line is not null, line is null ? $"the runner has died: {await _error}" : "");
        return Answer.Parse(line!);
    }

    /// <summary>Lets it begin, and ends it with SIGKILL after a while: amid a change, or after the last.</summary>
    public async Task KillAmidAsync(Topology topology, TimeSpan delay)
    {
        await TellAsync(topology, null);
        await Task.Delay(delay, TestContext.Current.CancellationToken);
        (await _lab.OnHostAsync("kill", "-9", _pid.ToString(CultureInfo.InvariantCulture))).Required();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends with its input.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was killed.
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task TellAsync(Topology topology, int? stopAfter)
    {
        await _process.StandardInput.WriteLineAsync(new Order(Slicer.Of(topology, KernelHost.Name, "properties"), stopAfter).ToJson());
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }
}
