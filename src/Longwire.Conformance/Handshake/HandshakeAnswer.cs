using System.Text;

namespace Longwire.Conformance;

/// <summary>The answer that opens a connection, as text, so that every part of it can be wrong (RFC 6455 §4.2.2). Immutable.</summary>
internal sealed record HandshakeAnswer(string FirstLine, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public string Body { get; init; } = "";

    public static HandshakeAnswer For(HttpHead request) =>
        new(
            "HTTP/1.1 101 Switching Protocols",
            [
                new("Upgrade", "websocket"),
                new("Connection", "Upgrade"),
                new("Sec-WebSocket-Accept", HandshakeRequest.AcceptFor(request.Find("Sec-WebSocket-Key") ?? "")),
            ]
        );

    public HandshakeAnswer Without(string name) => this with { Headers = [.. Headers.Where(h => h.Key != name)] };

    public HandshakeAnswer With(string name, string value) =>
        Headers.Any(h => h.Key == name)
            ? this with
            {
                Headers = [.. Headers.Select(h => h.Key == name ? new(name, value) : h)],
            }
            : this with
            {
                Headers = [.. Headers, new(name, value)],
            };

    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(FirstLine).Append("\r\n");
        foreach ((string name, string value) in Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return text.Append("\r\n").Append(Body).ToString();
    }
}
