using System.Buffers.Text;

namespace Longwire.Hubs;

/// <summary>
/// The secret by which a client resumes its session: <c>clientId.secret</c>, both base64url. The first part finds the session.
/// </summary>
internal static class SessionSecret
{
    public const int ClientIdBytes = 12;

    public const int SecretBytes = 32;

    /// <summary>Longer than any that we gave out: not worth looking at.</summary>
    private const int MaxLength = 128;

    public static string Format(string clientId, ReadOnlySpan<byte> secret) =>
        string.Concat(clientId, ".", Base64Url.EncodeToString(secret));

    public static bool TryParse(string? text, out string clientId, out byte[] secret)
    {
        clientId = "";
        secret = [];
        int dot = text is { Length: <= MaxLength } ? text.IndexOf('.', StringComparison.Ordinal) : -1;
        if (dot <= 0 || !Base64Url.IsValid(text.AsSpan(dot + 1), out int length) || length != SecretBytes)
        {
            return false;
        }

        clientId = text![..dot];
        secret = Base64Url.DecodeFromChars(text.AsSpan(dot + 1));
        return true;
    }

    /// <summary>The secret that a handshake presents for a session, right or wrong.</summary>
    public static bool TryFind(HubHandshake handshake, HubSession session, out byte[]? secret)
    {
        bool isOfSession = TryParse(handshake.Session, out string clientId, out byte[] given) && clientId == session.ClientId;
        secret = isOfSession ? given : null;
        return isOfSession;
    }
}
