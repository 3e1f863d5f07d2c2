using System.Text;

namespace Longwire.Fuzzing;

/// <summary>Makes Yjs updates and state vectors, most of them right.</summary>
internal static class YjsGrammar
{
    private static readonly string[] _texts = ["a", "word", "é", "€uro", "😀", "a😀b", "\u0000", "😀😀", ""];
    private static readonly string[] _json = ["1", "null", "{\"a\":[1,2]}", "\"x\"", "true", "undefined", "{", "\"\\ud83d\"", " 1 "];

    /// <summary>An update: a few clients, small clocks, so that updates overlap.</summary>
    public static byte[] Update(Random random)
    {
        var bytes = new List<byte>();
        int blocks = random.Next(4);
        int firstClient = random.Next(3);
        Number(bytes, blocks);
        for (int block = 0; block < blocks; block++)
        {
            int count = random.Next(1, 6);
            Number(bytes, count);
            Number(bytes, random.Next(40) == 0 ? random.NextInt64(1L << 53) : firstClient + block);
            Number(
                bytes,
                random.Next(40) == 0 ? (1L << 53) - random.Next(1, 9)
                    : random.Next(3) == 0 ? 0
                    : random.Next(20)
            );
            for (; count > 0; count--)
            {
                Struct(bytes, random);
            }
        }

        int deleted = random.Next(3);
        Number(bytes, deleted);
        for (; deleted > 0; deleted--)
        {
            Number(bytes, random.Next(4));
            int ranges = random.Next(8);
            Number(bytes, ranges);
            for (; ranges > 0; ranges--)
            {
                Number(bytes, random.Next(30));
                Number(bytes, random.Next(5));
            }
        }

        return [.. bytes];
    }

    public static byte[] Vector(Random random)
    {
        var bytes = new List<byte>();
        int clients = random.Next(5);
        Number(bytes, clients);
        for (int client = 0; client < clients; client++)
        {
            Number(bytes, client);
            Number(bytes, random.Next(24));
        }

        return [.. bytes];
    }

    private static void Struct(List<byte> bytes, Random random)
    {
        int content = random.Next(12);
        if (content is 0 or 10)
        {
            bytes.Add((byte)content);
            Number(bytes, random.Next(1, 6));
            return;
        }

        content = content == 11 ? 4 : content;
        int flags = random.Next(8) << 5;
        bytes.Add((byte)(content | flags));
        for (int ids = (flags >> 7) + ((flags >> 6) & 1); ids > 0; ids--)
        {
            Number(bytes, random.Next(4));
            Number(bytes, random.Next(30));
        }

        if ((flags & 192) == 0)
        {
            bytes.Add((byte)random.Next(2));
            if (bytes[^1] == 1)
            {
                Text(bytes, "name");
            }
            else
            {
                Number(bytes, random.Next(4));
                Number(bytes, random.Next(30));
            }

            if ((flags & 32) != 0)
            {
                Text(bytes, "key");
            }
        }

        Content(bytes, content, random);
    }

    private static void Content(List<byte> bytes, int content, Random random)
    {
        int count = random.Next(1, 5);
        switch (content)
        {
            case 1:
                Number(bytes, random.Next(60) == 0 ? 1L << random.Next(53) : random.Next(1, 6));
                break;
            case 2:
                Number(bytes, count);
                for (; count > 0; count--)
                {
                    Text(bytes, random.Pick(_json));
                }

                break;
            case 3:
                Blob(bytes, random.Bytes(random.Next(5)));
                break;
            case 4:
                Text(bytes, string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Pick(_texts))));
                break;
            case 5:
                Text(bytes, random.Pick(_json));
                break;
            case 6:
                Text(bytes, "bold");
                Text(bytes, random.Pick(_json));
                break;
            case 7:
                int type = random.Next(8);
                Number(bytes, type);
                if (type is 3 or 5)
                {
                    Text(bytes, "p");
                }

                break;
            case 8:
                Number(bytes, count);
                for (; count > 0; count--)
                {
                    Any(bytes, random, 0);
                }

                break;
            default:
                Text(bytes, "guid");
                if (random.Next(4) == 0)
                {
                    Any(bytes, random, 0);
                }
                else
                {
                    bytes.AddRange([118, 0]);
                }

                break;
        }
    }

    private static void Any(List<byte> bytes, Random random, int depth)
    {
        int tag = random.Next(depth > 4 ? 119 : 115, 129);
        if (random.Next(200) == 0)
        {
            // As deep as may be, and deeper.
            for (int levels = random.Next(98, 103); levels > 0; levels--)
            {
                bytes.AddRange([117, 1]);
            }
        }

        bytes.Add((byte)tag);
        int count = random.Next(3);
        switch (tag)
        {
            case 125:
                bytes.AddRange(
                    random.Next(3) == 0 ? [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(64)] : [(byte)random.Next(64)]
                );
                break;
            case 124:
                bytes.AddRange(random.Bytes(4));
                break;
            case 123 or 122:
                bytes.AddRange(random.Bytes(8));
                break;
            case 119:
                Text(bytes, random.Pick(_texts));
                break;
            case 118:
                Number(bytes, count);
                for (; count > 0; count--)
                {
                    Text(bytes, "k");
                    Any(bytes, random, depth + 1);
                }

                break;
            case 117:
                Number(bytes, count);
                for (; count > 0; count--)
                {
                    Any(bytes, random, depth + 1);
                }

                break;
            case 116:
                Blob(bytes, random.Bytes(count));
                break;
        }
    }

    private static void Text(List<byte> bytes, string text) => Blob(bytes, Encoding.UTF8.GetBytes(text));

    private static void Blob(List<byte> bytes, byte[] blob)
    {
        Number(bytes, blob.Length);
        bytes.AddRange(blob);
    }

    private static void Number(List<byte> bytes, long value)
    {
        for (; value >= 128; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
    }
}
