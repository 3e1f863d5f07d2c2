namespace Longwire.Yjs;

/// <summary>One connection to a document. The document's lock guards the updates that it is owed.</summary>
internal sealed class YjsMember(LiveDocument? document, YjsDecision decision)
{
    /// <summary>The document; null when the connection is refused.</summary>
    public LiveDocument? Document { get; } = document;

    public bool MayWrite => decision.MayWrite;

    public string? Refusal => decision.Refusal;

    /// <summary>The connection, from its opening on.</summary>
    public WebSocketConnection Connection { get; set; } = null!;

    /// <summary>Where it stands among the document's members; -1 when it is none.</summary>
    public int Index { get; set; } = -1;

    /// <summary>All updates up to this version were sent or are contained in what was.</summary>
    public long SentVersion { get; set; }

    /// <summary>
    /// It reads more slowly than the document changes, so a task sends what it lacks whenever there is room, and nobody else sends.
    /// </summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>The messages that it is still to be sent.</summary>
    public OwedMessages Owed { get; set; }

    /// <summary>The state vector that it has asked with (sync step 1) and was not yet answered.</summary>
    public byte[]? Asked { get; set; }

    /// <summary>It was told that it may not write.</summary>
    public bool WasDenied { get; set; }
}
