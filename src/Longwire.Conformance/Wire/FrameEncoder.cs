using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Longwire.Conformance;

/// <summary>Writes frames exactly as they are described, also such as no sane peer would send.</summary>
internal static class FrameEncoder
{
    public static void Write(ArrayBufferWriter<byte> output, in WireFrame frame, bool maskByDefault)
    {
        ulong length = frame.AnnouncedLength ?? (ulong)frame.Payload.Length;
        bool masked = frame.Masked ?? maskByDefault;
        int bits =
            frame.LengthBits != 0 ? frame.LengthBits
            : length <= 125 ? 7
            : length <= ushort.MaxValue ? 16
            : 64;
        byte maskBit = masked ? (byte)0x80 : (byte)0;

        Span<byte> header = output.GetSpan(14);
        int written = 2;
        header[0] = (byte)((frame.Fin ? 0x80 : 0) | ((frame.Rsv & 7) << 4) | (frame.Opcode & 15));
        switch (bits)
        {
            case 7:
                header[1] = (byte)(maskBit | (byte)length);
                break;
            case 16:
                header[1] = (byte)(maskBit | 126);
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
                written += 2;
                break;
            default:
                header[1] = (byte)(maskBit | 127);
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], length);
                written += 8;
                break;
        }

        uint key = 0;
        if (masked)
        {
            key = frame.MaskingKey ?? MemoryMarshal.Read<uint>(RandomNumberGenerator.GetBytes(4));
            MemoryMarshal.Write(header[written..], key);
            written += 4;
        }

        output.Advance(written);
        Span<byte> payload = output.GetSpan(Math.Max(1, frame.Payload.Length))[..frame.Payload.Length];
        frame.Payload.Span.CopyTo(payload);
        if (masked)
        {
            Mask(payload, key, 0);
        }

        output.Advance(frame.Payload.Length);
    }

    /// <summary>Masks or unmasks in place. The key is in memory order: its first octet is the first on the wire.</summary>
    public static void Mask(Span<byte> payload, uint key, int offset)
    {
        key = BitConverter.IsLittleEndian
            ? BitOperations.RotateRight(key, 8 * (offset & 3))
            : BitOperations.RotateLeft(key, 8 * (offset & 3));
        int index = 0;
        Vector<byte> keys = Vector.AsVectorByte(new Vector<uint>(key));
        for (; index + Vector<byte>.Count <= payload.Length; index += Vector<byte>.Count)
        {
            Span<byte> part = payload.Slice(index, Vector<byte>.Count);
            (new Vector<byte>(part) ^ keys).CopyTo(part);
        }

        Span<byte> octets = stackalloc byte[4];
        MemoryMarshal.Write(octets, key);
        for (; index < payload.Length; index++)
        {
            payload[index] ^= octets[index & 3];
        }
    }
}
