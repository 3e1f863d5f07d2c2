namespace Longwire.Protocol;

/// <summary>The result of <see cref="MessageReceiver.Read"/>. Valid until the next call.</summary>
public readonly ref struct Received
{
    // A broken rule has a status and a reason, as a Close has, so both share fields: this struct is written for every message and stays
    // small.
    private readonly CloseStatus _status;
    private readonly string? _reason;
    private readonly string? _section;

    internal Received(ReceivedKind kind, ReadOnlySpan<byte> payload, MessageType type = default, bool endOfMessage = false)
    {
        Kind = kind;
        Type = type;
        EndOfMessage = endOfMessage;
        Payload = payload;
    }

    internal Received(CloseStatus status, string reason)
    {
        Kind = ReceivedKind.Close;
        _status = status;
        _reason = reason;
    }

    internal Received(ProtocolError error)
    {
        Kind = ReceivedKind.Error;
        (_status, _reason, _section) = error;
    }

    /// <summary>The kind of the result.</summary>
    public ReceivedKind Kind { get; }

    /// <summary>The type of the message, for <see cref="ReceivedKind.Message"/> and <see cref="ReceivedKind.Part"/>.</summary>
    public MessageType Type { get; }

    /// <summary>Whether the message ends with this part, for <see cref="ReceivedKind.Part"/>.</summary>
    public bool EndOfMessage { get; }

    /// <summary>
    /// The payload of the message, part, ping or pong, unmasked. For a message that lay whole in the input it is a part of that input.
    /// </summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The status, for <see cref="ReceivedKind.Close"/>.</summary>
    public CloseStatus CloseStatus => Kind == ReceivedKind.Close ? _status : default;

    /// <summary>The reason, for <see cref="ReceivedKind.Close"/>; else empty.</summary>
    public string CloseReason => Kind == ReceivedKind.Close ? _reason! : "";

    /// <summary>The broken rule, for <see cref="ReceivedKind.Error"/>.</summary>
    public ProtocolError Error => Kind == ReceivedKind.Error ? new ProtocolError(_status, _reason!, _section!) : default;
}
