namespace Longwire.Protocol;

/// <summary>
/// The kind of a frame (RFC 6455 §5.2). The values 3–7 and 11–15 are reserved; a frame that uses one fails the connection with 1002.
/// </summary>
public enum Opcode : byte
{
    /// <summary>A further fragment of a message that has begun.</summary>
    Continuation = 0x0,

    /// <summary>The first or only fragment of a text message; the message is UTF-8.</summary>
    Text = 0x1,

    /// <summary>The first or only fragment of a binary message.</summary>
    Binary = 0x2,

    /// <summary>The beginning or the answer of the closing handshake.</summary>
    Close = 0x8,

    /// <summary>Asks the peer for a pong with the same payload.</summary>
    Ping = 0x9,

    /// <summary>Answers a ping, or says unasked that this side is alive.</summary>
    Pong = 0xA,
}
