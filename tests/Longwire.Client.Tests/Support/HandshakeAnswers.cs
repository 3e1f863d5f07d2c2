namespace Longwire.Client.Tests;

/// <summary>
/// Answers to an opening handshake that stand at the edge of HTTP or beyond it, with what a client makes of each: every client the same.
/// </summary>
public static class HandshakeAnswers
{
    /// <summary>Stands for the right <c>Sec-WebSocket-Accept</c>.</summary>
    public const string Accept = "ACCEPT";

    private const string Right =
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accept}\r\n\r\n";

    /// <summary>The answers' names, and answers that open the connection.</summary>
    public static TheoryData<string, string> ThatOpen { get; } =
        new()
        {
            { "lines that end with LF alone (RFC 9112 §2.2)", Right.Replace("\r\n", "\n", StringComparison.Ordinal) },
            { "a later minor version (RFC 9110 §2.5)", Right.Replace("HTTP/1.1", "HTTP/1.2", StringComparison.Ordinal) },
            { "no reason", Right.Replace(" Switching Protocols", "", StringComparison.Ordinal) },
            { "an empty reason", Right.Replace(" Switching Protocols", " ", StringComparison.Ordinal) },
            { "a folded value (RFC 9112 §5.2)", With("X-Folded: one\r\n\ttwo\r\n  three\r\n") },
            { "a folded value that counts", Right.Replace("Upgrade: websocket", "Upgrade:\r\n websocket", StringComparison.Ordinal) },
            { "white space before a colon", Right.Replace("Upgrade: websocket", "Upgrade : websocket", StringComparison.Ordinal) },
            { "interim answers", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\n\n" + Right },
            { "an empty subprotocol", With("Sec-WebSocket-Protocol:\r\n") },
            { "an empty subprotocol with spaces", With("Sec-WebSocket-Protocol:  \t \r\n") },
            { "empty extensions", With("Sec-WebSocket-Extensions:\r\n") },
            { "empty extensions on two lines", With("Sec-WebSocket-Extensions: \r\nSec-WebSocket-Extensions: ,\r\n") },
        };

    /// <summary>
    /// The answers' names, answers that open no connection, the status that is told, 0 for none, and a part of what is said. The server
    /// doesn't end the connection.
    /// </summary>
    public static TheoryData<string, string, int, string> ThatFail { get; } =
        new()
        {
            { "HTTP/1.0 can't upgrade", Right.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal), 101, "HTTP/1.0" },
            { "HTTP/1.0 can refuse", "HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 403, "answered 403 Forbidden, not 101" },
            { "a refusal with LF", "HTTP/1.1 404 Not Found\nContent-Length: 2\n\nno", 404, "answered 404 Not Found, not 101" },
            { "a refusal without an end", "HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nno", 503, "answered 503 Busy, not 101" },
            { "a refusal in an endless chunk", "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nno", 503, "answered 503" },
            { "another protocol", "SSH-2.0-OpenSSH_9.2", 0, "does not answer in HTTP/1.1" },
            { "another version", Right.Replace("HTTP/1.1", "HTTP/2.0", StringComparison.Ordinal), 0, "does not answer in HTTP/1.1" },
            { "HTTP/2", "\0\0\u0012\u0004\0\0\0\0\0", 0, "does not answer in HTTP/1.1" },
            { "no number", "HTTP/1.1 abc Hello\r\n\r\n", 0, "does not answer in HTTP/1.1" },
            { "no colon", With("nothing\r\n"), 0, "does not answer in HTTP/1.1" },
            { "a space in a name", With("two words: 1\r\n"), 0, "does not answer in HTTP/1.1" },
            { "an alert of TLS", "\u0015\u0003\u0003\0\u0002\u0002F", 0, "try wss://" },
            { "the first byte of TLS", "\u0015", 0, "try wss://" },
        };

    private static string With(string headers) => Right.Insert(Right.Length - 2, headers);
}
