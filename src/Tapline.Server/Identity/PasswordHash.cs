using System.Globalization;
using System.Security.Cryptography;

namespace Tapline.Server.Identity;

/// <summary>Passwords as <c>pbkdf2-sha512$iterations$salt$hash</c>.</summary>
internal static class PasswordHash
{
    /// <summary>For what people choose: OWASP's figure for PBKDF2 with SHA-512 (2023).</summary>
    public const int ForChosen = 210_000;

    /// <summary>For what we draw at random: 24 and more characters are beyond guessing, so there is nothing to slow down.</summary>
    public const int ForRandom = 1_000;

    private const string Scheme = "pbkdf2-sha512";
    private const int SaltLength = 16;
    private const int HashLength = 64;

    /// <summary>No password has it; comparing with it takes as long as with any.</summary>
    public static string Nobodys { get; } = Write(ForChosen, new byte[SaltLength], new byte[HashLength]);

    public static string Make(string password, int iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashLength);
        return Write(iterations, salt, hash);
    }

    public static bool Verify(string password, string hash)
    {
        var parts = hash.Split('$');
        if (parts is not [Scheme, var iterations, var salt, var expected])
        {
            return false;
        }

        var found = Rfc2898DeriveBytes.Pbkdf2(
            password,
            Convert.FromBase64String(salt),
            int.Parse(iterations, CultureInfo.InvariantCulture),
            HashAlgorithmName.SHA512,
            HashLength);
        return CryptographicOperations.FixedTimeEquals(found, Convert.FromBase64String(expected));
    }

    private static string Write(int iterations, byte[] salt, byte[] hash) => string.Create(
        CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
}
