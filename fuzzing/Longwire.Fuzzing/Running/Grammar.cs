using System.Text;

namespace Longwire.Fuzzing;

/// <summary>Pieces that inputs of several targets are made of.</summary>
internal static class Grammar
{
    private static readonly string[] _words =
    [
        "a",
        "é",
        "€",
        "😀",
        "\u0000",
        "plain words ",
        "{\"type\":\"message\"}",
        "the same again and again ",
        "\uFEFF",
        "\uD7FF",
        "\uE000",
        "\U0010FFFF",
    ];

    private static readonly byte[][] _badText =
    [
        [0x80],
        [0xC0, 0xAF],
        [0xE0, 0x80, 0x80],
        [0xED, 0xA0, 0x80],
        [0xF4, 0x90, 0x80, 0x80],
        [0xFF],
        [0xC3],
        [0xF0, 0x9F, 0x98],
    ];

    public static T Pick<T>(this Random random, params T[] items) => items[random.Next(items.Length)];

    public static byte[] Bytes(this Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>UTF-8, seldom broken.</summary>
    public static byte[] Text(this Random random, int mostWords)
    {
        var text = new List<byte>();
        for (int count = random.Next(mostWords + 1); count > 0; count--)
        {
            text.AddRange(random.Next(60) == 0 ? random.Pick(_badText) : Encoding.UTF8.GetBytes(random.Pick(_words)));
        }

        return [.. text];
    }

    /// <summary>Lengths, those at which something changes more often than others.</summary>
    public static int Length(this Random random) =>
        random.Next(16) switch
        {
            0 => 0,
            1 => 1,
            2 => random.Next(124, 129),
            3 => random.Next(60) == 0 ? random.Next(65533, 65540) : 300,
            4 => random.Next(1200),
            _ => random.Next(80),
        };
}
