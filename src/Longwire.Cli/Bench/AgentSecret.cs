using System.Security.Cryptography;
using System.Text;

namespace Longwire.Cli.Bench;

/// <summary>Proves on both sides that they know one secret, without sending it.</summary>
internal static class AgentSecret
{
    public const int MinLength = 16;

    private const int NonceBytes = 16;

    /// <summary>The secret given on the command line, or the environment's LONGWIRE_BENCH_SECRET.</summary>
    /// <exception cref="FormatException">There is none, or it is short.</exception>
    public static string Read(string? given)
    {
        string secret = given ?? Environment.GetEnvironmentVariable("LONGWIRE_BENCH_SECRET") ?? "";
        return secret.Length >= MinLength
            ? secret
            : throw new FormatException(
                $"Agents share a secret of at least {MinLength} letters with those who use them: LONGWIRE_BENCH_SECRET, or --secret. "
                    + "Make one with: openssl rand -hex 16"
            );
    }

    public static string CreateNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The proof of the secret: a keyed hash of both sides' nonces, the speaker's role and the request.</summary>
    public static string Proof(string secret, string speaker, string agentNonce, string ownNonce, string arguments) =>
        Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{speaker}\n{agentNonce}\n{ownNonce}\n{arguments}"))
        );

    public static bool Matches(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
}
