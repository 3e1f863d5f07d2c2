using System.Text;

namespace Longwire.Protocol.Tests;

/// <summary>Frames written by hand, byte by byte, so that broken ones can be made too.</summary>
internal static class Wire
{
    public static byte[] Key { get; } = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A frame as the peer of <paramref name="receiver"/> sends it: masked when the receiver is the server.</summary>
    public static byte[] To(WebSocketRole receiver, int opcode, byte[] payload, bool fin = true, int reserved = 0) =>
        Frame(opcode, payload, fin, reserved, receiver == WebSocketRole.Server ? Key : null);

    public static byte[] Frame(int opcode, byte[] payload, bool fin = true, int reserved = 0, byte[]? key = null, int lengthForm = 0)
    {
        var bytes = new List<byte>();
        bytes.AddRange(Header(opcode, payload.Length, fin, reserved, key, lengthForm));
        for (int i = 0; i < payload.Length; i++)
        {
            bytes.Add((byte)(payload[i] ^ (key is null ? 0 : key[i % 4])));
        }

        return [.. bytes];
    }

    /// <summary>A header alone. The length takes its shortest form, or the one asked for: 7, 16 or 64 bits.</summary>
    public static byte[] Header(int opcode, long length, bool fin = true, int reserved = 0, byte[]? key = null, int lengthForm = 0)
    {
        var bytes = new List<byte> { (byte)((fin ? 0x80 : 0) | (reserved << 4) | opcode) };
        int form =
            lengthForm != 0 ? lengthForm
            : length <= 125 ? 7
            : length <= 65535 ? 16
            : 64;
        int mask = key is null ? 0 : 0x80;
        bytes.Add(
            (byte)(
                mask
                | (
                    form == 7 ? (int)length
                    : form == 16 ? 126
                    : 127
                )
            )
        );
        for (int shift = form - 8; form != 7 && shift >= 0; shift -= 8)
        {
            bytes.Add((byte)(length >> shift));
        }

        bytes.AddRange(key ?? []);
        return [.. bytes];
    }

    public static byte[] ClosePayload(int status, string reason = "") => [(byte)(status >> 8), (byte)status, .. Utf8(reason)];

    public static byte[] Join(params IEnumerable<byte[]> parts) => [.. parts.SelectMany(part => part)];
}
