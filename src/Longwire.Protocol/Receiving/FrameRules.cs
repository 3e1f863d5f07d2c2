namespace Longwire.Protocol;

/// <summary>The rules that the first two bytes of a frame can break (RFC 6455 §5), in the order in which they are judged.</summary>
internal static class FrameRules
{
    /// <summary>Judges a frame by what its header says.</summary>
    /// <param name="first">The first byte: FIN, the reserved bits and the opcode.</param>
    /// <param name="masked">Whether the mask bit is set.</param>
    /// <param name="length">The payload's length; of a header that is not all there, its seven bits in the second byte.</param>
    /// <param name="role">The role of this side, which receives the frame.</param>
    /// <param name="isMessageOpen">Whether the frame comes inside an unfinished message.</param>
    /// <param name="deflate">Whether permessage-deflate was agreed on, which gives RSV1 a meaning (RFC 7692 §6).</param>
    /// <returns>The broken rule; its status is 0 when there is none.</returns>
    public static ProtocolError Judge(byte first, bool masked, long length, WebSocketRole role, bool isMessageOpen, bool deflate)
    {
        if ((first & 0x70) != 0)
        {
            if (!deflate || (first & 0x30) != 0)
            {
                return ProtocolErrors.ReservedBits;
            }

            if ((Opcode)(first & 0x0F) is not (Opcode.Text or Opcode.Binary))
            {
                return ProtocolErrors.Rsv1Misplaced;
            }
        }

        ProtocolError error = JudgeOpcode(first, length, isMessageOpen);
        if (error.Status != 0 || masked == (role == WebSocketRole.Server))
        {
            return error;
        }

        return masked ? ProtocolErrors.ServerFrameMasked : ProtocolErrors.ClientFrameNotMasked;
    }

    private static ProtocolError JudgeOpcode(byte first, long length, bool isMessageOpen)
    {
        switch ((Opcode)(first & 0x0F))
        {
            case Opcode.Continuation:
                return isMessageOpen ? default : ProtocolErrors.UnexpectedContinuation;
            case Opcode.Text or Opcode.Binary:
                return isMessageOpen ? ProtocolErrors.ExpectedContinuation : default;
            case Opcode.Close or Opcode.Ping or Opcode.Pong:
                if ((first & 0x80) == 0)
                {
                    return ProtocolErrors.ControlFragmented;
                }

                return length > FrameHeader.MaxControlPayloadLength ? ProtocolErrors.ControlTooLong : default;
            default:
                return ProtocolErrors.ReservedOpcode;
        }
    }
}
