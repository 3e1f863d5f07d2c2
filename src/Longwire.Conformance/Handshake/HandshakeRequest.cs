using System.Security.Cryptography;
using System.Text;

namespace Longwire.Conformance;

/// <summary>
/// The request that opens a connection, as text, so that every part of it can be wrong (RFC 6455 §4.1). Immutable; <c>With</c> and
/// <c>Without</c> make changed copies.
/// </summary>
internal sealed record HandshakeRequest
{
    public string Method { get; init; } = "GET";

    public required string Target { get; init; }

    public string Version { get; init; } = "HTTP/1.1";

    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    public string Key => Headers.FirstOrDefault(h => h.Key == "Sec-WebSocket-Key").Value ?? "";

    public string? Find(string name)
    {
        string[] values = [.. Headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    public static HandshakeRequest For(Uri uri, ConformanceOptions options)
    {
        List<KeyValuePair<string, string>> headers =
        [
            new("Host", uri.Authority),
            new("Upgrade", "websocket"),
            new("Connection", "Upgrade"),
            new("Sec-WebSocket-Key", NewKey()),
            new("Sec-WebSocket-Version", "13"),
        ];
        if (options.Origin is { } origin)
        {
            headers.Add(new("Origin", origin));
        }

        headers.AddRange(options.Headers);
        return new() { Target = uri.PathAndQuery, Headers = headers };
    }

    public static string NewKey(int octets = 16) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(octets));

    /// <summary>The value that the server has to answer a key with (RFC 6455 §4.2.2).</summary>
    public static string AcceptFor(string key)
    {
#pragma warning disable CA5350 // SHA-1 is what RFC 6455 §4.2.2 prescribes; it protects nothing here.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    public HandshakeRequest Without(string name) => this with { Headers = [.. Headers.Where(h => h.Key != name)] };

    /// <summary>Replaces a header where it stands, or adds it.</summary>
    public HandshakeRequest With(string name, string value) =>
        Headers.Any(h => h.Key == name)
            ? this with
            {
                Headers = [.. Headers.Select(h => h.Key == name ? new(name, value) : h)],
            }
            : Plus(name, value);

    /// <summary>Adds a header, also when it is there already.</summary>
    public HandshakeRequest Plus(string name, string value) => this with { Headers = [.. Headers, new(name, value)] };

    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(Method).Append(' ').Append(Target).Append(' ').Append(Version).Append("\r\n");
        foreach ((string name, string value) in Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return text.Append("\r\n").ToString();
    }

    public byte[] ToOctets() => Encoding.Latin1.GetBytes(ToString());
}
