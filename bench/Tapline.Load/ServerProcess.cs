using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tapline.Load;

/// <summary>A server of the release's binary on a data directory.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it; does not wait.</summary>
    public ServerProcess(string binary, string data, int port)
    {
        Data = data;
        Port = port;
        var script = "exec \"$0\" server --data \"$1\" --listen \"127.0.0.1:$2\" > \"$1/log\" 2>&1 < /dev/null";
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", script, binary, data, $"{port}"]) { UseShellExecute = false })
            ?? throw new LoadException("the server did not start");
    }

    public string Data { get; }

    public int Port { get; }

    public int Pid => _process.Id;

    public static string NewData(string scratch)
    {
        var data = Path.Combine(scratch, $"server-{Guid.NewGuid():N}");
        Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return data;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A connection as soon as the port is open, which is when the server is ready.</summary>
    public ApiConnection Connect()
    {
        ApiConnection? connection = null;
        Machine.Wait(() => (connection = Try()) is not null, TimeSpan.FromSeconds(10), "the server's first answer");
        return connection!;
    }

    public ApiConnection Login()
    {
        var connection = Connect();
        connection.Authenticate(PasswordIn(Path.Combine(Data, "clouds.yaml")));
        return connection;
    }

    public static string PasswordIn(string cloudsFile) =>
        File.ReadLines(cloudsFile).Select(line => line.Trim()).First(line => line.StartsWith("password: ", StringComparison.Ordinal))["password: ".Length..].Trim('"', '\'');

    public void Stop()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
    }

    public void Dispose()
    {
        Stop();
        _process.Dispose();
    }

    private ApiConnection? Try()
    {
        if (_process.HasExited)
        {
            throw new LoadException($"the server ended:\n{File.ReadAllText(Path.Combine(Data, "log"))}");
        }

        try
        {
            return new ApiConnection(Port);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
