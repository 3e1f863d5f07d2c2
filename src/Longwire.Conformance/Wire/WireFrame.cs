using System.Text;

namespace Longwire.Conformance;

/// <summary>
/// One frame as it is to stand on the wire, right or wrong: any opcode, any reserved bits, any form of length.
/// <code>
/// RFC 6455 §5.2
///  fin rsv1 rsv2 rsv3 opcode(4) | mask length(7) | length(16 or 64)? | masking key(32)? | payload
/// </code>
/// </summary>
internal readonly record struct WireFrame(byte Opcode, ReadOnlyMemory<byte> Payload, bool Fin = true, byte Rsv = 0)
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    /// <summary>Null: as the role demands. Else the mask bit is forced on or off.</summary>
    public bool? Masked { get; init; }

    /// <summary>Null: a new random key for each frame.</summary>
    public uint? MaskingKey { get; init; }

    /// <summary>7, 16 or 64 bits for the length; 0: the shortest form.</summary>
    public int LengthBits { get; init; }

    /// <summary>The length that the header announces, when it is not the payload's.</summary>
    public ulong? AnnouncedLength { get; init; }

    public static WireFrame OfText(string text, bool fin = true, byte rsv = 0) => new(Text, Encoding.UTF8.GetBytes(text), fin, rsv);

    public static WireFrame OfText(byte[] text, bool fin = true) => new(Text, text, fin);

    public static WireFrame OfBinary(byte[] payload, bool fin = true) => new(Binary, payload, fin);

    public static WireFrame OfContinuation(string text, bool fin) => new(Continuation, Encoding.UTF8.GetBytes(text), fin);

    public static WireFrame OfContinuation(byte[] payload, bool fin) => new(Continuation, payload, fin);

    public static WireFrame OfPing(string text = "") => new(Ping, Encoding.UTF8.GetBytes(text));

    public static WireFrame OfPong(string text = "") => new(Pong, Encoding.UTF8.GetBytes(text));

    /// <summary>A Close frame with a status and, if given, a reason in any octets.</summary>
    public static WireFrame OfClose(int code, ReadOnlySpan<byte> reason = default)
    {
        byte[] payload = new byte[2 + reason.Length];
        payload[0] = (byte)(code >> 8);
        payload[1] = (byte)code;
        reason.CopyTo(payload.AsSpan(2));
        return new(Close, payload);
    }

    /// <summary>A message cut into fragments of a size.</summary>
    public static List<WireFrame> Fragments(byte opcode, ReadOnlyMemory<byte> payload, int size, byte firstRsv = 0)
    {
        List<WireFrame> frames = [];
        int offset = 0;
        do
        {
            int length = Math.Min(size, payload.Length - offset);
            bool first = offset == 0;
            offset += length;
            frames.Add(
                new(
                    first ? opcode : Continuation,
                    payload.Slice(offset - length, length),
                    offset == payload.Length,
                    first ? firstRsv : (byte)0
                )
            );
        } while (offset < payload.Length);
        return frames;
    }

    public static string NameOf(byte opcode) =>
        opcode switch
        {
            Continuation => "continuation",
            Text => "text",
            Binary => "binary",
            Close => "close",
            Ping => "ping",
            Pong => "pong",
            _ => $"opcode {opcode}",
        };
}
