using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net.Sockets;
using System.Text.Json;
using Tapline.Core.Primitives;
using Tapline.Wire;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;
using Tapline.Wire.Ovs;

namespace Tapline.Agent.Reading;

/// <summary>Gathers what could not be read, a line each; any thread may add.</summary>
internal sealed class Unread
{
    private readonly ConcurrentDictionary<string, bool> _lines = new(StringComparer.Ordinal);

    public ValueList<string> Lines => _lines.Keys.Order(StringComparer.Ordinal).ToValueList();

    public void Add(string line) => _lines[line] = true;

    /// <summary>The reading's result; where the world refuses, a line and the given value.</summary>
    public T Try<T>(string what, T otherwise, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (IsOfTheWorld(error))
        {
            Add($"{what}: {FirstLine(error)}");
            return otherwise;
        }
    }

    /// <inheritdoc cref="Try{T}"/>
    public async Task<T> TryAsync<T>(string what, T otherwise, Func<Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Add($"{what}: no answer in time");
            return otherwise;
        }
        catch (Exception error) when (IsOfTheWorld(error))
        {
            Add($"{what}: {FirstLine(error)}");
            return otherwise;
        }
    }

    private static bool IsOfTheWorld(Exception error) => error is NetlinkException or NftablesException or OvsdbException or UnixctlException
        or OpenFlowException or WireFormatException or IOException or UnauthorizedAccessException or Win32Exception or SocketException
        or DllNotFoundException or JsonException;

    private static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0];
}
