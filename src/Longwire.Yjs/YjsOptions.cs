using Longwire.AspNetCore;

namespace Longwire.Yjs;

/// <summary>The options of an endpoint for Yjs. Set them in <c>MapYjs</c>.</summary>
public sealed class YjsOptions
{
    internal YjsOptions(WebSocketEndpointOptions endpoint) => Endpoint = endpoint;

    /// <summary>
    /// The options of its connections: origins, limits of connections, time-outs, compression. Its <c>Connection.MaxMessageBytes</c>, by
    /// default 16 MiB here, bounds an update. The queue's mode is always <see cref="SendQueueFullMode.Wait"/>, as a client that falls
    /// behind is sent what it lacks later, in one.
    /// </summary>
    public WebSocketEndpointOptions Endpoint { get; }

    /// <summary>
    /// Keeps the documents. Default null: a document lives as long as somebody edits it, and <see cref="IdleTimeout"/> longer.
    /// </summary>
    public IYjsStore? Store { get; set; }

    /// <summary>
    /// The longest name of a document, in characters. Default 128. A longer one is refused with 400, and so is one with control characters.
    /// </summary>
    public int MaxDocumentNameLength { get; set; } = 128;

    /// <summary>
    /// The most memory that a document may take, in bytes, about; 16 for each deleted range and 200 for each Yjs client that ever wrote are
    /// counted. When it is reached, whoever writes is closed with <see cref="YjsCloseStatus.DocumentTooLarge"/>. Default 64 MiB.
    /// </summary>
    public int MaxDocumentBytes { get; set; } = 64 << 20;

    /// <summary>The most documents that are open at a time. Default 10,000; for one more the handshake is refused with 503.</summary>
    public int MaxDocuments { get; set; } = 10_000;

    /// <summary>The most connections to one document. Default 5,000; one more is refused with 503.</summary>
    public int MaxConnectionsPerDocument { get; set; } = 5_000;

    /// <summary>The largest awareness state of a client (its name, cursor and so on), in bytes of JSON. Default 4 KiB.</summary>
    public int MaxAwarenessStateBytes { get; set; } = 4 << 10;

    /// <summary>
    /// How long changes of awareness are gathered before all are told of them in one message; the first after a rest goes at once. Default
    /// 100 ms.
    /// </summary>
    public TimeSpan AwarenessInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a document stays in memory that nobody has open. Default 1 minute.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDocumentNameLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDocumentBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDocumentBytes, 1 << 30);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDocuments, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnectionsPerDocument, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAwarenessStateBytes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(AwarenessInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(IdleTimeout, TimeSpan.Zero);
    }
}
