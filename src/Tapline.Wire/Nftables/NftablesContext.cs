using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Nftables;

/// <summary>
/// One libnftables context. Its socket is opened with it and stays in its namespace; commands then run from any thread, one at
/// a time. Rules must name interfaces by iifname/oifname: for iif/oif the library looks the index up in the caller's namespace.
/// </summary>
public sealed unsafe class NftablesContext : IDisposable
{
    private const string NetfilterProtocol = "12"; // NETLINK_NETFILTER
    private const int LargeAnswer = 256 * 1024;

    private static readonly Lock Opening = new(); // two at once could not tell whose port is whose

    private readonly Lock _lock = new(); // guards the context: the library is not thread-safe
    private nint _context;

    private NftablesContext(nint context, uint? portId)
    {
        _context = context;
        PortId = portId;
    }

    /// <summary>
    /// The netlink port of the context's socket: what <see cref="Netlink.NftablesEvent.PortId"/> shows for changes made here. Null if
    /// it could not be found out (the library does not say; it is looked up in /proc).
    /// </summary>
    public uint? PortId { get; }

    /// <summary>Opens in the given namespace, or in that of the calling thread.</summary>
    public static NftablesContext Open(NetNamespace? ns = null) => ns is null ? New() : ns.Run(New);

    /// <summary>Opens in the namespace of the calling thread without looking for <see cref="PortId"/>: for whom only reads.</summary>
    public static NftablesContext OpenForReading() => new(NewBuffered(), null);

    /// <summary>
    /// Runs commands, one to a line, as one transaction: all of them take effect or none. Without the machine's root a
    /// transaction is bounded by the socket's send buffer (some 200 KB of messages): "Message too long".
    /// </summary>
    public void Run(string commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        Execute(commands, 0);
    }

    /// <summary>The answer to a list command ("list ruleset", "list table inet x") in nft's JSON.</summary>
    public string ListJson(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var json = Execute(command, LibNftables.NFT_CTX_OUTPUT_JSON);
        if (json.Length > LargeAnswer)
        {
            // The library builds a tree of it first: tens of megabytes, which malloc would keep for the process' life.
            _ = LibNftables.malloc_trim(0);
        }

        return json;
    }

    /// <summary>The objects in the "nftables" array of a list command's answer, the leading "metainfo" left out.</summary>
    public IReadOnlyList<JsonElement> ListObjects(string command)
    {
        // Not a pooled document: its elements outlive this call, and copying each of some ten thousand would cost as much again.
        return [.. JsonElement.Parse(ListJson(command)).GetProperty("nftables").EnumerateArray().Where(item => !item.TryGetProperty("metainfo", out _))];
    }

    /// <summary>The answer to a list command as nft prints it, with handles.</summary>
    public string ListText(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Execute(command, LibNftables.NFT_CTX_OUTPUT_HANDLE);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_context != 0)
            {
                LibNftables.nft_ctx_free(_context);
                _context = 0;
            }
        }
    }

    /// <summary>The line number in "PATH:3:10-14: Error: …", or 0.</summary>
    internal static int LineOf(string errors, string path)
    {
        if (!errors.StartsWith(path + ":", StringComparison.Ordinal))
        {
            return 0;
        }

        var number = errors.AsSpan(path.Length + 1);
        var end = number.IndexOf(':');
        return end > 0 && int.TryParse(number[..end], out var line) ? line : 0;
    }

    private static NftablesContext New()
    {
        lock (Opening)
        {
            var before = NetfilterPorts();
            var context = NewBuffered();

            // The library's socket gets its port with the first message, so let it send one.
            _ = LibNftables.nft_run_cmd_from_buffer(context, "list tables");
            _ = LibNftables.nft_ctx_get_output_buffer(context); // or its answer would stand before the next one
            uint[] added = [.. NetfilterPorts().Except(before)];
            return new NftablesContext(context, added is [var port] ? port : null);
        }
    }

    private static nint NewBuffered()
    {
        var context = LibNftables.nft_ctx_new(0);
        return context == 0 || LibNftables.nft_ctx_buffer_output(context) != 0 || LibNftables.nft_ctx_buffer_error(context) != 0
            ? throw new NftablesException("open an nftables context", "libnftables gave none", null)
            : context;
    }

    /// <summary>The netlink ports of this process' own netfilter sockets in the calling thread's namespace.</summary>
    private static uint[] NetfilterPorts()
    {
        try
        {
            var own = Directory.EnumerateFiles("/proc/self/fd")
                .Select(path => new FileInfo(path).LinkTarget)
                .OfType<string>()
                .ToHashSet(StringComparer.Ordinal);
            return
            [
                .. File.ReadLines("/proc/thread-self/net/netlink").Skip(1)
                    .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)) // sk Eth Pid Groups … Inode
                    .Where(fields => fields.Length >= 4 && fields[1] == NetfilterProtocol && own.Contains($"socket:[{fields[^1]}]"))
                    .Select(fields => uint.Parse(fields[2])),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private string Execute(string commands, uint flags)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_context == 0, this);
            LibNftables.nft_ctx_output_set_flags(_context, flags);
            var result = LibNftables.nft_run_cmd_from_buffer(_context, commands);
            if (result != 0)
            {
                throw Refusal(commands, Text(LibNftables.nft_ctx_get_error_buffer(_context)));
            }

            // Reading the error buffer also empties it (warnings).
            _ = LibNftables.nft_ctx_get_error_buffer(_context);
            return Text(LibNftables.nft_ctx_get_output_buffer(_context));
        }
    }

    /// <summary>
    /// For commands from memory the library names no line (and quotes the first one, wrongly). So what failed is tried once
    /// more from a file, without effect, only for the text of its error.
    /// </summary>
    private NftablesException Refusal(string commands, string text)
    {
        var lines = commands.Split('\n');
        if (lines.Length == 1)
        {
            return new NftablesException($"nft \"{commands.Trim()}\"", text, null);
        }

        using var file = new SafeFileHandle(Posix.Check(Libc.memfd_create("nft", 0), "make a file in memory"), ownsHandle: true);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(commands), 0);
        var path = $"/proc/self/fd/{(int)file.DangerousGetHandle()}";
        LibNftables.nft_ctx_set_dry_run(_context, true);
        var failedAgain = LibNftables.nft_run_cmd_from_filename(_context, path) != 0;
        LibNftables.nft_ctx_set_dry_run(_context, false);
        var second = Text(LibNftables.nft_ctx_get_error_buffer(_context));
        var line = failedAgain ? LineOf(second, path) : 0;
        var attempted = $"nft transaction of {lines.Length} lines";
        return line >= 1 && line <= lines.Length
            ? new NftablesException(attempted, second.Replace(path + ":", "line ", StringComparison.Ordinal), lines[line - 1].Trim())
            : new NftablesException(attempted, text, null);
    }

    private static string Text(byte* buffer) => (Marshal.PtrToStringUTF8((nint)buffer) ?? "").TrimEnd();
}
