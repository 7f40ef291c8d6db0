using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Tapline.Server.Identity;

/// <summary>
/// What a token says, signed: so the server keeps none, and all servers over one store take each other's. Whether the user still
/// may is looked up in the directory when it is used.
/// </summary>
internal readonly record struct Token
{
    // version 1, methods 1, id 16, user 16, project 16, issued 8, expires 8, signature 32
    private const int SignedLength = 66;
    private const int Length = SignedLength + HMACSHA256.HashSizeInBytes;
    private const byte Version = 1;

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    /// <summary>Null: unscoped.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>Whole microseconds, as OpenStack prints them.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required AuthMethods Methods { get; init; }

    public static DateTimeOffset Truncate(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    public string Write(ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        bytes[1] = (byte)Methods;
        Id.TryWriteBytes(bytes[2..], bigEndian: true, out _);
        UserId.TryWriteBytes(bytes[18..], bigEndian: true, out _);
        (ProjectId ?? Guid.Empty).TryWriteBytes(bytes[34..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[50..], IssuedAt.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes[58..], ExpiresAt.UtcTicks);
        HMACSHA256.HashData(key, bytes[..SignedLength], bytes[SignedLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False where it is none of ours or was tampered with; says nothing of its expiry.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, ReadOnlySpan<byte> key, out Token token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Length + 2];
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (text.Length != Base64Url.GetEncodedLength(Length)
            || !Base64Url.IsValid(text)
            || Base64Url.DecodeFromChars(text, bytes) != Length
            || bytes[0] != Version)
        {
            return false;
        }

        HMACSHA256.HashData(key, bytes[..SignedLength], signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, bytes[SignedLength..Length]))
        {
            return false;
        }

        var project = new Guid(bytes[34..50], bigEndian: true);
        token = new Token
        {
            Methods = (AuthMethods)bytes[1],
            Id = new Guid(bytes[2..18], bigEndian: true),
            UserId = new Guid(bytes[18..34], bigEndian: true),
            ProjectId = project == Guid.Empty ? null : project,
            IssuedAt = new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(bytes[50..]), TimeSpan.Zero),
            ExpiresAt = new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(bytes[58..]), TimeSpan.Zero),
        };
        return true;
    }
}

/// <summary>How the user proved who it is.</summary>
[Flags]
internal enum AuthMethods : byte
{
    None = 0,
    Password = 1,
    Token = 2,
}
