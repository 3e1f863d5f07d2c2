using System.Text;

namespace Longwire.Interop.Tests;

/// <summary>The payload of a size, the same as the peers make it.</summary>
internal static class Payload
{
    /// <summary>Sizes at which something changes: the header's forms, the buffers' usual sizes, megabytes.</summary>
    public static readonly int[] Sizes = [1, 125, 126, 127, 65535, 65536, 1 << 20, 16 << 20];

    public static byte[] Create(string type, int size)
    {
        byte[] payload = new byte[size];
        if (type == "binary")
        {
            for (int i = 0; i < size; i++)
            {
                payload[i] = (byte)(i * 31);
            }

            return payload;
        }

        payload.AsSpan().Fill((byte)'x');
        ReadOnlySpan<byte> pattern = "aé世👋"u8;
        for (int start = 0; start + pattern.Length <= size; start += pattern.Length)
        {
            pattern.CopyTo(payload.AsSpan(start));
        }

        return payload;
    }

    public static string Text(int size) => Encoding.UTF8.GetString(Create("text", size));
}
