namespace Longwire.Fuzzing;

/// <summary>Changes an input without knowing what it means.</summary>
internal static class Mutator
{
    /// <summary>No input grows beyond this by mutation.</summary>
    public const int MaxLength = 64 << 10;

    private static readonly byte[] _interesting =
    [
        0,
        1,
        2,
        4,
        8,
        9,
        10,
        0x0D,
        0x20,
        0x22,
        0x2C,
        0x3B,
        0x3D,
        0x5C,
        0x7D,
        0x7E,
        0x7F,
        0x80,
        0x81,
        0x82,
        0x88,
        0x89,
        0x8A,
        0xC0,
        0xC1,
        0xED,
        0xF4,
        0xFE,
        0xFF,
    ];

    public static byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        var bytes = new List<byte>(input);
        int times = random.Next(4) == 0 ? random.Next(1, 16) : random.Next(1, 4);
        while (times-- > 0)
        {
            Change(bytes, other, random);
        }

        if (bytes.Count > MaxLength)
        {
            bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        }

        return [.. bytes];
    }

    private static void Change(List<byte> bytes, byte[] other, Random random)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }

        int at = random.Next(3) == 0 ? random.Next(Math.Min(bytes.Count, 24)) : random.Next(bytes.Count);
        int length = Math.Min(random.Next(4) == 0 ? random.Next(1, 64) : random.Next(1, 5), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0:
            case 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes[at] = _interesting[random.Next(_interesting.Length)];
                break;
            case 4:
                bytes[at] += (byte)random.Next(-4, 5);
                break;
            case 5:
                bytes.RemoveRange(at, length);
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 7:
                bytes.Insert(at, random.Next(2) == 0 ? _interesting[random.Next(_interesting.Length)] : (byte)random.Next(256));
                break;
            case 8:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                if (other.Length != 0)
                {
                    int start = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(start, Math.Min(random.Next(1, 64), other.Length - start)).ToArray());
                }

                break;
        }
    }
}
