using System.Buffers.Binary;

namespace Longwire.Fuzzing;

/// <summary>Reads frames in the plainest way, masked or not. All of them are whole messages, or the beginning of one at the end.</summary>
internal static class EndingFrames
{
    public static List<(int Opcode, byte[] Payload)> Read(ReadOnlySpan<byte> bytes)
    {
        List<(int Opcode, byte[] Payload)> frames = [];
        while (bytes.Length >= 2)
        {
            int header = 2;
            int length = bytes[1] & 0x7F;
            if (length == 126)
            {
                header = 4;
                length = bytes.Length < header ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            }
            else if (length == 127)
            {
                header = 10;
                length = bytes.Length < header ? int.MaxValue : (int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
            }

            bool masked = (bytes[1] & 0x80) != 0;
            header += masked ? 4 : 0;
            if (bytes.Length < header || bytes.Length - header < length)
            {
                break;
            }

            byte[] payload = bytes.Slice(header, length).ToArray();
            for (int i = 0; masked && i < length; i++)
            {
                payload[i] ^= bytes[header - 4 + (i % 4)];
            }

            frames.Add((bytes[0] & 15, payload));
            bytes = bytes[(header + length)..];
        }

        return frames;
    }
}
