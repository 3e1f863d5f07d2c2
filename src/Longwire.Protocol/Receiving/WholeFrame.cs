namespace Longwire.Protocol;

/// <summary>What a frame carries whose payload lies in one piece.</summary>
internal static class WholeFrame
{
    /// <summary>A frame that lies whole in the input and is a control frame or a whole message, uncompressed: nothing is copied.</summary>
    /// <param name="header">The frame's header, which has been read.</param>
    /// <param name="input">What follows the header.</param>
    /// <param name="received">What the frame carries.</param>
    public static void Read(scoped in FrameHeader header, ref Span<byte> input, out Received received)
    {
        Span<byte> payload = input[..(int)header.PayloadLength];
        input = input[(int)header.PayloadLength..];
        if (header.Masked)
        {
            Masking.Apply(payload, header.MaskingKey);
        }

        if (header.Opcode >= Opcode.Close)
        {
            HandOutControl(header.Opcode, payload, out received);
        }
        else if (header.Opcode == Opcode.Text && !Utf8Validator.IsValid(payload))
        {
            received = Failed(ProtocolErrors.TextNotUtf8);
        }
        else
        {
            received = new Received { Kind = ReceivedKind.Message, Type = (MessageType)header.Opcode, Payload = payload, CloseReason = "" };
        }
    }

    /// <summary>What a broken rule is handed out as.</summary>
    public static Received Failed(ProtocolError error) => new() { Kind = ReceivedKind.Error, Error = error, CloseReason = "" };

    /// <summary>Hands out a control frame, of which a Close may be wrong.</summary>
    public static void HandOutControl(Opcode opcode, ReadOnlySpan<byte> payload, out Received received)
    {
        if (opcode != Opcode.Close)
        {
            received = new Received { Kind = opcode == Opcode.Ping ? ReceivedKind.Ping : ReceivedKind.Pong, Payload = payload, CloseReason = "" };
            return;
        }

        received = ClosePayload.TryRead(payload, out CloseStatus status, out string reason, out ProtocolError error)
            ? new Received { Kind = ReceivedKind.Close, CloseStatus = status, CloseReason = reason }
            : Failed(error);
    }
}
