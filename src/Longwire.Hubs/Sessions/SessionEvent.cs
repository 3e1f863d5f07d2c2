namespace Longwire.Hubs;

/// <summary>Something a session has to deal with, in turn.</summary>
internal readonly record struct SessionEvent(SessionEventKind Kind)
{
    public HubLink? Connection { get; init; }

    public HubHandshake? Handshake { get; init; }

    public MessageType MessageType { get; init; }

    public byte[]? Payload { get; init; }

    public CloseStatus Status { get; init; }

    /// <summary>Never fails.</summary>
    public Func<ValueTask>? Work { get; init; }
}
