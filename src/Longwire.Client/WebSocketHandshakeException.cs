using System.Net;

namespace Longwire.Client;

/// <summary>The server did not answer the opening handshake as a WebSocket server does. It carries what the server said instead.</summary>
public sealed class WebSocketHandshakeException : LongwireException
{
    /// <summary>Bytes of the response's body that are kept at the most.</summary>
    public const int MaxBodyBytes = 4096;

    internal WebSocketHandshakeException(
        string message, HttpStatusCode? statusCode, IReadOnlyList<KeyValuePair<string, string>> headers, string body, Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
        Headers = headers;
        Body = body;
    }

    /// <summary>The response's status; null when no response came.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The response's headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The first 4 KiB of the response's body, as text.</summary>
    public string Body { get; }
}
