using System.Text;

namespace Longwire.Protocol.Tests;

/// <summary>
/// RFC 6455 §5 read out loud: it looks at everything that has arrived, from the first byte on, each time anew. It
/// copies, it allocates, it is quadratic; it is short enough to be seen right.
/// </summary>
internal static class NaiveReceiver
{
    /// <param name="inflater">Inflates messages where permessage-deflate was agreed on; null where it wasn't.</param>
    /// <param name="takeover">Whether a compressed message may refer to those before it.</param>
    public static List<string> Transcript(
        WebSocketRole role,
        byte[] arrived,
        ReceiverLimits limits,
        NaiveInflater? inflater = null,
        bool takeover = false
    )
    {
        List<byte> compressed = [];
        List<string> found = Read(role, arrived, limits, inflater, takeover, compressed);
        // How far a message reaches back that never ends is to be known too.
        inflater?.Inflate(compressed.ToArray());
        return found;
    }

    private static List<string> Read(
        WebSocketRole role,
        byte[] arrived,
        ReceiverLimits limits,
        NaiveInflater? inflater,
        bool takeover,
        List<byte> unfinished
    )
    {
        var found = new List<string>();
        var message = new List<byte>();
        int? messageType = null;
        bool compressed = false;
        int fragments = 0;
        int at = 0;
        while (arrived.Length - at >= 2)
        {
            bool fin = (arrived[at] & 0x80) != 0;
            int opcode = arrived[at] & 0x0F;
            bool control = opcode >= 8;
            bool masked = (arrived[at + 1] & 0x80) != 0;
            long length = arrived[at + 1] & 0x7F;
            ProtocolError? broken = null;
            int reserved = (arrived[at] & 0x70) >> 4;
            if (reserved != 0 && (inflater is null || reserved != 4))
            {
                broken = ProtocolErrors.ReservedBits;
            }
            else if (reserved != 0 && opcode is not (1 or 2))
            {
                broken = ProtocolErrors.Rsv1Misplaced;
            }
            else if (opcode is >= 3 and <= 7 or >= 11)
            {
                broken = ProtocolErrors.ReservedOpcode;
            }
            else if (control && !fin)
            {
                broken = ProtocolErrors.ControlFragmented;
            }
            else if (control && length > 125)
            {
                broken = ProtocolErrors.ControlTooLong;
            }
            else if (opcode == 0 && messageType is null)
            {
                broken = ProtocolErrors.UnexpectedContinuation;
            }
            else if (opcode is 1 or 2 && messageType is not null)
            {
                broken = ProtocolErrors.ExpectedContinuation;
            }
            else if (role == WebSocketRole.Server && !masked)
            {
                broken = ProtocolErrors.ClientFrameNotMasked;
            }
            else if (role == WebSocketRole.Client && masked)
            {
                broken = ProtocolErrors.ServerFrameMasked;
            }

            if (broken is { } rule)
            {
                return [.. found, Tests.Transcript.Error(rule)];
            }

            int lengthBytes = length switch
            {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            at += 2;
            if (arrived.Length - at < lengthBytes)
            {
                return found;
            }

            if (lengthBytes != 0)
            {
                ulong extended = 0;
                for (int i = 0; i < lengthBytes; i++)
                {
                    extended = (extended << 8) | arrived[at + i];
                }

                if (extended > long.MaxValue)
                {
                    return [.. found, Tests.Transcript.Error(ProtocolErrors.LengthTopBit)];
                }

                if (extended <= (lengthBytes == 2 ? 125u : 65535u))
                {
                    return [.. found, Tests.Transcript.Error(ProtocolErrors.LengthNotMinimal)];
                }

                length = (long)extended;
            }

            at += lengthBytes;
            int keyBytes = masked ? 4 : 0;
            if (arrived.Length - at < keyBytes)
            {
                return found;
            }

            byte[] key = masked ? arrived[at..(at + 4)] : [0, 0, 0, 0];
            at += keyBytes;
            if (!control)
            {
                compressed = messageType is null ? reserved == 4 : compressed;
                messageType ??= opcode;
                if (
                    compressed
                        ? length > limits.MaxMessageBytes + (limits.MaxMessageBytes >> 8) + 1024L
                        : length > limits.MaxMessageBytes - message.Count
                )
                {
                    return [.. found, Tests.Transcript.Error(ProtocolErrors.MessageTooBig)];
                }

                if (++fragments > limits.MaxFragments)
                {
                    return [.. found, Tests.Transcript.Error(ProtocolErrors.TooManyFragments)];
                }
            }

            int there = (int)Math.Min(length, arrived.Length - at);
            byte[] payload = [.. arrived[at..(at + there)].Select((value, i) => (byte)(value ^ key[i % 4]))];
            at += there;
            bool whole = there == length;
            if (!control)
            {
                message.AddRange(payload);
                if (compressed)
                {
                    unfinished.AddRange(payload);
                }

                bool over = whole && fin;
                if (compressed && over)
                {
                    byte[]? inflated = inflater!.Inflate(message.ToArray());
                    unfinished.Clear();
                    if (!takeover)
                    {
                        inflater.Forget();
                    }

                    if (inflated is null || inflated.Length > limits.MaxMessageBytes)
                    {
                        return
                        [
                            .. found,
                            Tests.Transcript.Error(inflated is null ? ProtocolErrors.BadDeflateData : ProtocolErrors.MessageTooBig),
                        ];
                    }

                    message = [.. inflated];
                    compressed = false;
                }

                if (
                    !compressed
                    && messageType == 1
                    && (NaiveUtf8.FirstImpossible(message.ToArray()) >= 0 || (over && !NaiveUtf8.IsValid(message.ToArray())))
                )
                {
                    return [.. found, Tests.Transcript.Error(ProtocolErrors.TextNotUtf8)];
                }

                if (over)
                {
                    found.Add(Tests.Transcript.Message((MessageType)messageType!, message.ToArray()));
                    message.Clear();
                    messageType = null;
                    fragments = 0;
                }
            }
            else if (whole && opcode == 8)
            {
                return [.. found, Close(payload)];
            }
            else if (whole)
            {
                found.Add(opcode == 9 ? Tests.Transcript.Ping(payload) : Tests.Transcript.Pong(payload));
            }
        }

        return found;
    }

    private static string Close(byte[] payload)
    {
        if (payload.Length == 0)
        {
            return Tests.Transcript.Close(1005);
        }

        if (payload.Length == 1)
        {
            return Tests.Transcript.Error(ProtocolErrors.ClosePayloadTooShort);
        }

        int status = (payload[0] << 8) | payload[1];
        if (status is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
        {
            return Tests.Transcript.Error(ProtocolErrors.CloseStatusInvalid);
        }

        return NaiveUtf8.IsValid(payload.AsSpan(2))
            ? Tests.Transcript.Close(status, Encoding.UTF8.GetString(payload, 2, payload.Length - 2))
            : Tests.Transcript.Error(ProtocolErrors.CloseReasonNotUtf8);
    }
}
