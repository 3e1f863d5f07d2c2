namespace Longwire.Hubs.Engines;

/// <summary>A publication before it has a position: its content, without any wire format. Immutable.</summary>
/// <param name="Type">The message's type, such as <c>message</c>.</param>
/// <param name="Sender">The user in whose name it is; null for nobody.</param>
/// <param name="Kind">The kind of the content.</param>
/// <param name="Content">The content. It is kept, and must not change any more.</param>
/// <param name="Time">When it was said.</param>
public sealed record PublicationDraft(
    string Type,
    PublicationSender? Sender,
    ContentKind Kind,
    ReadOnlyMemory<byte> Content,
    DateTimeOffset Time
)
{
    /// <summary>The subject of the publication; a later one with the same key replaces it where it still waits for a slow member.</summary>
    public string? Key { get; init; }

    /// <summary>The version of what the key names. A publication older than the newest of its key is not taken.</summary>
    public long? Version { get; init; }

    /// <summary>
    /// The span that it was published in, as W3C's <c>traceparent</c>; null for none. Engines bring it to the other nodes, whose deliveries
    /// are spans below it.
    /// </summary>
    public string? TraceParent { get; init; }

    /// <summary>Whether it is a change of the room's map.</summary>
    internal bool IsMapChange => Type == PublicationTypes.MapChange;

    /// <summary>About what it takes, in bytes: its content and texts, and what is around them.</summary>
    internal int Bytes =>
        Content.Length
        + (sizeof(char) * (Type.Length + (Key?.Length ?? 0) + (Sender?.UserId.Length ?? 0) + (Sender?.Username.Length ?? 0)))
        + EnvelopeBytes;

    private const int EnvelopeBytes = 64;
}
