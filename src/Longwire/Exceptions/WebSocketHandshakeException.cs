using System.Net;

namespace Longwire;

/// <summary>The server did not answer the opening handshake as a WebSocket server does. It carries what the server said instead.</summary>
public sealed class WebSocketHandshakeException : LongwireException
{
    /// <summary>Bytes of the response's body that are kept at the most.</summary>
    public const int MaxBodyBytes = 4096;

    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    /// <param name="statusCode">The response's status; null when no response came.</param>
    /// <param name="headers">The response's headers; null for none.</param>
    /// <param name="body">The beginning of the response's body.</param>
    /// <param name="innerException">The exception that caused this one.</param>
    public WebSocketHandshakeException(
        string message,
        HttpStatusCode? statusCode,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null,
        string body = "",
        Exception? innerException = null
    )
        : base(message, innerException)
    {
        StatusCode = statusCode;
        Headers = headers ?? [];
        Body = body;
    }

    /// <summary>The response's status, or 407 where a proxy wants other credentials; null when no response of the server came.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The response's headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The first 4 KiB of the response's body, as text.</summary>
    public string Body { get; }
}
