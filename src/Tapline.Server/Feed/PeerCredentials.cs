using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace Tapline.Server.Feed;

/// <summary>Who is at the other end of a Unix socket (unix(7), <c>SO_PEERCRED</c>): lets in the server's own user and root.</summary>
internal static partial class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeercred = 17;
    private const int UcredLength = 12; // struct ucred: pid, uid, gid

    public static ConnectionDelegate Check(ConnectionDelegate next, ILogger logger) => connection =>
    {
        var peer = UserOf(connection.Features.Get<IConnectionSocketFeature>()?.Socket);
        if (peer is { } uid && (uid == 0 || uid == GetEffectiveUserId()))
        {
            return next(connection);
        }

        Log.Refused(logger, peer);
        connection.Abort(new ConnectionAbortedException("another user"));
        return Task.CompletedTask;
    };

    private static uint? UserOf(Socket? socket)
    {
        Span<byte> ucred = stackalloc byte[UcredLength];
        return socket?.GetRawSocketOption(SolSocket, SoPeercred, ucred) == UcredLength
            ? BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(ucred[4..]) : BinaryPrimitives.ReadUInt32BigEndian(ucred[4..])
            : null;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A connection to the feed by user {User} was refused")]
        public static partial void Refused(ILogger logger, uint? user);
    }
}
