using System.Globalization;
using System.Text;

namespace Longwire.Conformance;

/// <summary>
/// The payloads of 12.* and 13.*: half a mebibyte each of text and octets that compress as the files of the well-known suite do,
/// made by rule, the same on each run and on each machine.
/// </summary>
internal static class TestData
{
    private const int Length = 512 * 1024;

    private static readonly string[] _words =
    [
        "the",
        "of",
        "and",
        "a",
        "to",
        "in",
        "he",
        "was",
        "that",
        "it",
        "his",
        "her",
        "with",
        "as",
        "had",
        "for",
        "night",
        "light",
        "word",
        "spirit",
        "world",
        "heart",
        "mountain",
        "forest",
        "student",
        "window",
        "evening",
        "garden",
        "street",
        "neighbour",
        "suddenly",
        "perhaps",
        "nothing",
        "always",
        "between",
        "without",
        "thought",
        "wisdom",
        "river",
        "silence",
        "morning",
        "question",
        "answer",
    ];

    private static readonly Lazy<byte[]> _json = new(MakeJson);
    private static readonly Lazy<byte[]> _bitmap = new(MakeBitmap);
    private static readonly Lazy<byte[]> _prose = new(MakeProse);
    private static readonly Lazy<byte[]> _html = new(MakeHtml);
    private static readonly Lazy<byte[]> _document = new(MakeDocument);

    public static byte[] Json => _json.Value;

    public static byte[] Bitmap => _bitmap.Value;

    public static byte[] Prose => _prose.Value;

    public static byte[] Html => _html.Value;

    public static byte[] Document => _document.Value;

    /// <summary>The message of a number: a slice that moves on with each message, and around the end.</summary>
    public static byte[] Slice(byte[] data, int number, int length)
    {
        int start = (int)((long)number * length % data.Length);
        byte[] slice = new byte[length];
        int first = Math.Min(length, data.Length - start);
        Buffer.BlockCopy(data, start, slice, 0, first);
        Buffer.BlockCopy(data, 0, slice, first, length - first);
        return slice;
    }

    private static byte[] MakeJson() =>
        MakeText(
            1,
            (text, random) =>
                text.Append(
                    CultureInfo.InvariantCulture,
                    $$"""{"id":{{random.Next(1_000_000)}},"name":"{{Words(random, 2)}}","active":{{(random.Next(2) == 0 ? "true" : "false")}},"balance":{{random.Next(100_000) / 100.0}},"tags":["{{Words(random, 1)}}","{{Words(random, 1)}}"],"about":"{{Words(random, 12)}}"},"""
                )
        );

    private static byte[] MakeProse() =>
        MakeText(2, (text, random) => text.Append(Words(random, 6 + random.Next(12))).Append(random.Next(4) == 0 ? ".\n" : ", "));

    private static byte[] MakeHtml() =>
        MakeText(
            3,
            (text, random) =>
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr class=\"row-{random.Next(2)}\"><td><a href=\"/item/{random.Next(100_000)}\">{Words(random, 3)}</a></td><td class=\"num\">{random.Next(10_000)}</td></tr>\n"
                )
        );

    private static byte[] MakeText(uint seed, Action<StringBuilder, Generator> append)
    {
        Generator random = new(seed);
        StringBuilder text = new(Length + 1024);
        while (text.Length < Length)
        {
            append(text, random);
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, Length));
    }

    // Smooth shades with a little noise: neighbours are alike, but seldom the same.
    private static byte[] MakeBitmap()
    {
        Generator random = new(4);
        byte[] pixels = new byte[Length];
        const int Width = 512;
        for (int index = 0; index < Length; index++)
        {
            int x = index % Width;
            int y = index / Width;
            pixels[index] = (byte)((128 + (x / 4) - (y / 16) + (x * y / 4096) + random.Next(6)) & 0xFF);
        }

        return pixels;
    }

    // Headings in clear between streams that are compressed already: hardly anything to gain.
    private static byte[] MakeDocument()
    {
        Generator random = new(5);
        byte[] octets = new byte[Length];
        int offset = 0;
        for (int number = 1; offset < Length; number++)
        {
            int size = 2000 + random.Next(6000);
            byte[] head = Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{number} 0 obj\n<< /Length {size} /Filter /FlateDecode >>\nstream\n")
            );
            for (int index = 0; index < head.Length + size && offset < Length; index++)
            {
                octets[offset++] = index < head.Length ? head[index] : (byte)random.Next(256);
            }
        }

        return octets;
    }

    private static string Words(Generator random, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => _words[random.Next(_words.Length)]));

    /// <summary>A small generator of its own, since the platform does not promise the same numbers for ever.</summary>
    private sealed class Generator(uint seed)
    {
        private ulong _state = 0x9E3779B97F4A7C15UL * (seed + 1);

        public int Next(int end)
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            return (int)((_state >> 33) % (uint)end);
        }
    }
}
