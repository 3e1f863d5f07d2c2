using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Longwire.Protocol;

/// <summary>The key of the opening handshake and the proof that answers it (RFC 6455 §1.3, §4.1 and §4.2.2).</summary>
public static class HandshakeKey
{
    /// <summary>Bytes of the random value that a client sends in base64 as <c>Sec-WebSocket-Key</c>.</summary>
    public const int NonceLength = 16;

    private const int KeyLength = 24;
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Makes a <c>Sec-WebSocket-Key</c>.</summary>
    /// <param name="nonce">16 random bytes, drawn anew for each connection.</param>
    public static string Create(ReadOnlySpan<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceLength);
        return Convert.ToBase64String(nonce);
    }

    /// <summary>Whether a <c>Sec-WebSocket-Key</c> is the base64 of exactly 16 bytes.</summary>
    /// <param name="key">The header's value.</param>
    public static bool IsValid(ReadOnlySpan<char> key)
        // Exactly 24 characters leave no room for white space, and IsValid refuses bits set behind the last byte.
        =>
        key.Length == KeyLength && Base64.IsValid(key, out int decodedLength) && decodedLength == NonceLength;

    /// <summary>Computes <c>Sec-WebSocket-Accept</c>: base64(SHA-1(key + a fixed GUID)).</summary>
    /// <param name="key">A valid <c>Sec-WebSocket-Key</c>.</param>
    public static string Accept(ReadOnlySpan<char> key)
    {
        Span<byte> text = stackalloc byte[KeyLength + Guid.Length];
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        Encoding.ASCII.GetBytes(key, text);
        Encoding.ASCII.GetBytes(Guid, text[KeyLength..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6455 prescribes SHA-1; it proves understanding here, it secures nothing.
        SHA1.HashData(text, hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }
}
