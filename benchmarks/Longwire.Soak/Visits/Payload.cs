namespace Longwire.Soak;

/// <summary>The payloads: of every size, some of them easy to compress.</summary>
internal static class Payload
{
    private const int MostBytes = 1 << 20;

    private static readonly int[] _boundaries = [0, 1, 125, 126, 127, 65_535, 65_536, MostBytes];

    /// <summary>A boundary, or any size: as often between 1 and 1,000 bytes as between 1,000 and 1,000,000.</summary>
    public static int Length(Random random) =>
        random.Next(6) == 0 ? _boundaries[random.Next(_boundaries.Length)] : (int)Math.Pow(MostBytes, random.NextDouble());

    public static byte[] Binary(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        // Repeated, so that there is something to compress.
        int period = random.Next(2) == 0 ? length : random.Next(1, 1000);
        for (int i = period; i < length; i++)
        {
            bytes[i] = bytes[i - period];
        }

        return bytes;
    }

    /// <summary>UTF-8 with characters of every length, as far as there is room.</summary>
    public static byte[] Text(Random random, int length)
    {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++)
        {
            text[i] = (byte)('a' + random.Next(26));
        }

        ReadOnlySpan<byte> characters = "é€𐍈"u8;
        for (int at = 0; at + characters.Length <= length; at += 100 + random.Next(1000))
        {
            characters.CopyTo(text.AsSpan(at));
        }

        return text;
    }
}
