using System.CommandLine;
using System.Net;
using Tapline.Server;
using Tapline.Store;

namespace Tapline.Commands;

/// <summary><c>tapline server</c>: the Networking and Identity API; needs no privileges.</summary>
internal static class ServerCommand
{
    public static Command Make()
    {
        var data = new Option<string>("--data") { Description = "where the store, clouds.yaml and the feed's socket are", DefaultValueFactory = _ => DefaultData() };
        var listen = new Option<string>("--listen") { Description = "ADDRESS:PORT of the API", DefaultValueFactory = _ => "127.0.0.1:9696" };
        var command = new Command("server", "the Networking and Identity API; needs no privileges") { data, listen };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var endpoint = IPEndPoint.TryParse(parsed.GetRequiredValue(listen), out var value)
                ? value
                : throw new CommandException($"--listen '{parsed.GetValue(listen)}': it is ADDRESS:PORT", exitCode: 64);
            try
            {
                await using var server = await ServerHost.StartAsync(
                    new ServerOptions { DataDirectory = Path.GetFullPath(parsed.GetRequiredValue(data)), Listen = endpoint }, cancellationToken).ConfigureAwait(false);
                Console.WriteLine($"listening on http://{server.Listening}; credentials in {server.CloudsFile}");
                await server.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
                return 0;
            }
            catch (StoreException error)
            {
                throw new CommandException(error.Message);
            }
            catch (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                throw new CommandException($"{endpoint} is in use by another program: give --listen another port");
            }
        });
        return command;
    }

    private static string DefaultData() =>
        Labs.Identity.IsRoot ? "/var/lib/tapline" : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "tapline");
}
