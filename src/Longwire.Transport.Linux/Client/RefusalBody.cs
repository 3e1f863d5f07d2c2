using System.Globalization;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>The body of a refusal, of which the beginning is kept.</summary>
internal static class RefusalBody
{
    private const int MaxBytes = WebSocketHandshakeException.MaxBodyBytes;

    /// <summary>Reads what has come of the body.</summary>
    /// <param name="response">Its head.</param>
    /// <param name="received">The bytes that came behind the head.</param>
    /// <param name="text">The body so far, at most 4 KiB.</param>
    /// <returns>True where no more is needed.</returns>
    public static bool Read(HttpResponseHead response, ReadOnlySpan<byte> received, out string text)
    {
        if (response.Header("Transfer-Encoding") is { } coding && coding.EndsWith("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return ReadChunks(received, out text);
        }

        long length =
            response.Status is 204 or 304 ? 0
            : long.TryParse(response.Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out long stated) ? stated
            : long.MaxValue;
        long wanted = Math.Min(length, MaxBytes);
        text = Encoding.UTF8.GetString(received[..(int)Math.Min(wanted, received.Length)]);
        return received.Length >= wanted;
    }

    // chunk: size in hexadecimal [";" extensions] CRLF data CRLF; the last has size 0          RFC 9112 §7.1
    private static bool ReadChunks(ReadOnlySpan<byte> received, out string text)
    {
        byte[] body = new byte[Math.Min(received.Length, MaxBytes)];
        int kept = 0;
        bool enough = false;
        while (!enough && received.IndexOf("\r\n"u8) is var end and > 0)
        {
            ReadOnlySpan<byte> size = received[..end];
            int semicolon = size.IndexOf((byte)';');
            if (semicolon >= 0)
            {
                size = size[..semicolon];
            }

            if (!int.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int length) || length <= 0)
            {
                // The last chunk, or nonsense: either way nothing follows that could be kept.
                enough = true;
                break;
            }

            received = received[(end + 2)..];
            int count = Math.Min(Math.Min(length, received.Length), body.Length - kept);
            received[..count].CopyTo(body.AsSpan(kept));
            kept += count;
            enough = kept == MaxBytes;
            if (received.Length < (long)length + 2)
            {
                break;
            }

            received = received[(length + 2)..];
        }

        text = Encoding.UTF8.GetString(body, 0, kept);
        return enough;
    }
}
