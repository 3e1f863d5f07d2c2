namespace Longwire.Protocol;

/// <summary>What <see cref="MessageReceiver.Read"/> found, and what belongs to it. Valid until the next call.</summary>
public readonly ref struct Received
{
    /// <summary>What was found.</summary>
    public ReceivedKind Kind { get; init; }

    /// <summary>The type of the message, for <see cref="ReceivedKind.Message"/> and <see cref="ReceivedKind.Part"/>.</summary>
    public MessageType Type { get; init; }

    /// <summary>Whether the message ends with this part, for <see cref="ReceivedKind.Part"/>.</summary>
    public bool EndOfMessage { get; init; }

    /// <summary>The payload of the message, part, ping or pong, unmasked. For a message that lay whole in the input it is a part of that input.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The status, for <see cref="ReceivedKind.Close"/>.</summary>
    public CloseStatus CloseStatus { get; init; }

    /// <summary>The reason, for <see cref="ReceivedKind.Close"/>; else empty.</summary>
    public string CloseReason { get; init; }

    /// <summary>The broken rule, for <see cref="ReceivedKind.Error"/>.</summary>
    public ProtocolError Error { get; init; }
}
