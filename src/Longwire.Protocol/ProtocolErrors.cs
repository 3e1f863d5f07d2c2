namespace Longwire.Protocol;

/// <summary>Each rule of RFC 6455 and RFC 7692 that a peer can break on the wire, with the status and the words that answer it.</summary>
public static class ProtocolErrors
{
    /// <summary>A client sent a frame without a mask.</summary>
    public static ProtocolError ClientFrameNotMasked { get; } = Broken("A client must mask its frames", "RFC 6455 §5.1");

    /// <summary>A server sent a frame with a mask.</summary>
    public static ProtocolError ServerFrameMasked { get; } = Broken("A server must not mask its frames", "RFC 6455 §5.1");

    /// <summary>A reserved bit is set that no agreed extension defines.</summary>
    public static ProtocolError ReservedBits { get; } = Broken("Reserved bits must be 0 unless an extension defines them", "RFC 6455 §5.2");

    /// <summary>RSV1 is set on a control frame or on a continuation frame.</summary>
    public static ProtocolError Rsv1Misplaced { get; } = Broken("RSV1 belongs on the first frame of a message only", "RFC 7692 §6.1");

    /// <summary>The opcode is one of 3–7 or 11–15.</summary>
    public static ProtocolError ReservedOpcode { get; } = Broken("Reserved opcode", "RFC 6455 §5.2");

    /// <summary>A control frame without FIN.</summary>
    public static ProtocolError ControlFragmented { get; } = Broken("A control frame must not be fragmented", "RFC 6455 §5.5");

    /// <summary>A control frame of more than 125 bytes.</summary>
    public static ProtocolError ControlTooLong { get; } = Broken("A control frame carries at most 125 bytes", "RFC 6455 §5.5");

    /// <summary>A continuation frame while no message is open.</summary>
    public static ProtocolError UnexpectedContinuation { get; } =
        Broken("Continuation frame without a message to continue", "RFC 6455 §5.4");

    /// <summary>A text or binary frame while a message is open.</summary>
    public static ProtocolError ExpectedContinuation { get; } = Broken("New data frame inside an unfinished message", "RFC 6455 §5.4");

    /// <summary>A 64-bit length with its top bit set.</summary>
    public static ProtocolError LengthTopBit { get; } = Broken("The top bit of a 64-bit length must be 0", "RFC 6455 §5.2");

    /// <summary>A length that a shorter form could have held.</summary>
    public static ProtocolError LengthNotMinimal { get; } = Broken("The length must be in its shortest form", "RFC 6455 §5.2");

    /// <summary>A Close frame with a payload of one byte.</summary>
    public static ProtocolError ClosePayloadTooShort { get; } = Broken("A Close frame carries no bytes or at least two", "RFC 6455 §5.5.1");

    /// <summary>A Close frame with a status that must not be on the wire.</summary>
    public static ProtocolError CloseStatusInvalid { get; } = Broken("Close status not allowed on the wire", "RFC 6455 §7.4");

    /// <summary>A Close frame whose reason is not UTF-8.</summary>
    public static ProtocolError CloseReasonNotUtf8 { get; } =
        new(CloseStatus.InvalidPayload, "The reason of a Close frame must be UTF-8", "RFC 6455 §5.5.1");

    /// <summary>A text message that is not UTF-8.</summary>
    public static ProtocolError TextNotUtf8 { get; } = new(CloseStatus.InvalidPayload, "A text message must be UTF-8", "RFC 6455 §8.1");

    /// <summary>A compressed message that can't be inflated.</summary>
    public static ProtocolError BadDeflateData { get; } =
        new(CloseStatus.InvalidPayload, "The compressed data is damaged", "RFC 7692 §7.2.2");

    /// <summary>A message larger than this side takes.</summary>
    public static ProtocolError MessageTooBig { get; } = new(CloseStatus.MessageTooBig, "Message too big", "RFC 6455 §7.4.1");

    /// <summary>A message of more fragments than this side takes.</summary>
    public static ProtocolError TooManyFragments { get; } =
        new(CloseStatus.PolicyViolation, "Too many fragments in one message", "RFC 6455 §7.4.1");

    private static ProtocolError Broken(string reason, string section) => new(CloseStatus.ProtocolError, reason, section);
}
