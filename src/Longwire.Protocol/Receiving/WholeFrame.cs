namespace Longwire.Protocol;

/// <summary>Reads a frame whose payload lies in one piece.</summary>
internal static class WholeFrame
{
    /// <summary>A frame that lies whole in the input and is a control frame or a whole message, uncompressed: nothing is copied.</summary>
    /// <param name="header">The frame's header, which has been read.</param>
    /// <param name="input">The bytes behind the header.</param>
    /// <param name="received">The frame's content.</param>
    public static void Read(scoped in FrameHeader header, ref Span<byte> input, out Received received)
    {
        Span<byte> payload = input[..(int)header.PayloadLength];
        input = input[(int)header.PayloadLength..];
        bool ascii = header.Masked && Masking.ApplyToWhole(payload, header.MaskingKey);
        if (header.Opcode >= Opcode.Close)
        {
            HandOutControl(header.Opcode, payload, out received);
        }
        else if (!ascii && header.Opcode == Opcode.Text && !Utf8Validator.IsValid(payload))
        {
            received = new Received(ProtocolErrors.TextNotUtf8);
        }
        else
        {
            received = new Received(ReceivedKind.Message, payload, (MessageType)header.Opcode);
        }
    }

    /// <summary>Hands out a control frame; a Close may break a rule.</summary>
    public static void HandOutControl(Opcode opcode, ReadOnlySpan<byte> payload, out Received received)
    {
        if (opcode != Opcode.Close)
        {
            received = new Received(opcode == Opcode.Ping ? ReceivedKind.Ping : ReceivedKind.Pong, payload);
            return;
        }

        received = ClosePayload.TryRead(payload, out CloseStatus status, out string reason, out ProtocolError error)
            ? new Received(status, reason)
            : new Received(error);
    }
}
