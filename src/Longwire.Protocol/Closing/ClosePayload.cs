using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Longwire.Protocol;

/// <summary>The payload of a Close frame (RFC 6455 §5.5.1): nothing, or a status in two bytes and a reason in UTF-8.</summary>
public static class ClosePayload
{
    /// <summary>The longest reason, in bytes of UTF-8: a control frame's 125 less the status.</summary>
    public const int MaxReasonLength = FrameHeader.MaxControlPayloadLength - 2;

    /// <summary>Reads the payload of a Close frame.</summary>
    /// <param name="payload">The unmasked payload, at most 125 bytes.</param>
    /// <param name="status">The status; <see cref="CloseStatus.NoStatus"/> for an empty payload.</param>
    /// <param name="reason">The reason; empty when there is none.</param>
    /// <param name="error">The broken rule, when the result is false.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, out CloseStatus status, out string reason, out ProtocolError error)
    {
        status = CloseStatus.NoStatus;
        reason = "";
        error = default;
        if (payload.IsEmpty)
        {
            return true;
        }

        if (payload.Length == 1)
        {
            error = ProtocolErrors.ClosePayloadTooShort;
            return false;
        }

        status = (CloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!CloseStatusRules.IsAllowedOnWire(status))
        {
            error = ProtocolErrors.CloseStatusInvalid;
            return false;
        }

        if (!Utf8.IsValid(payload[2..]))
        {
            error = ProtocolErrors.CloseReasonNotUtf8;
            return false;
        }

        reason = Encoding.UTF8.GetString(payload[2..]);
        return true;
    }

    /// <summary>Writes the payload of a Close frame.</summary>
    /// <param name="destination">At least 125 bytes.</param>
    /// <param name="status">The status; <see cref="CloseStatus.NoStatus"/> writes an empty payload.</param>
    /// <param name="reason">The reason; what exceeds <see cref="MaxReasonLength"/> bytes is cut at a character.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, CloseStatus status, ReadOnlySpan<char> reason)
    {
        if (status == CloseStatus.NoStatus)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)status);
        // FromUtf16 stops before the first character that doesn't fit and replaces lone surrogates, so what is written is UTF-8.
        Utf8.FromUtf16(reason, destination.Slice(2, MaxReasonLength), out _, out int written);
        return 2 + written;
    }
}
