using System.Text;

namespace Longwire.AspNetCore.Tests;

/// <summary>The text of an opening handshake, right to begin with, that a test bends.</summary>
internal sealed class HandshakeRequest
{
    private readonly List<(string Name, string Value)> _headers =
    [
        ("Host", "localhost"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ];

    public string Method { get; init; } = "GET";

    public string Path { get; init; } = "/echo";

    public string Version { get; init; } = "HTTP/1.1";

    /// <summary>Replaces a header, or takes it out when there is no value.</summary>
    public HandshakeRequest With(string name, string? value)
    {
        _headers.RemoveAll(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return value is null ? this : And(name, value);
    }

    /// <summary>Adds a header line.</summary>
    public HandshakeRequest And(string name, string value)
    {
        _headers.Add((name, value));
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder($"{Method} {Path} {Version}\r\n");
        foreach ((string name, string value) in _headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return text.Append("\r\n").ToString();
    }
}
