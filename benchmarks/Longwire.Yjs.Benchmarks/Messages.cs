using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Longwire.Yjs.Benchmarks;

/// <summary>What the generator's clients write.</summary>
internal static class Messages
{
    /// <summary>A stroke of keys that carries the time: a client's text behind what it wrote before.</summary>
    public static byte[] Timed(long client, ref long clock)
    {
        string text = "@@" + Stopwatch.GetTimestamp().ToString("x16", CultureInfo.InvariantCulture);
        byte[] update = Insert(client, clock, text);
        clock += text.Length;
        return Sync(update);
    }

    public static byte[] Insert(long client, long clock, string text)
    {
        var update = new List<byte> { 1, 1 };
        Number(update, client);
        Number(update, clock);
        if (clock == 0)
        {
            update.AddRange([4, 1, 1, (byte)'t']);
        }
        else
        {
            update.Add(0x84);
            Number(update, client);
            Number(update, clock - 1);
        }

        Blob(update, Encoding.UTF8.GetBytes(text));
        update.Add(0);
        return [.. update];
    }

    public static byte[] Sync(byte[] update)
    {
        var message = new List<byte> { 0, 2 };
        Blob(message, update);
        return [.. message];
    }

    public static byte[] Awareness(long client, long clock)
    {
        var update = new List<byte> { 1 };
        Number(update, client);
        Number(update, clock);
        Blob(
            update,
            Encoding.UTF8.GetBytes(
                $$$"""{"cursor":{"anchor":{{{clock}}},"head":{{{clock}}}},"user":{"name":"Guest {{{client % 1000}}}","color":"#30bced"}}"""
            )
        );
        var message = new List<byte> { 1 };
        Blob(message, [.. update]);
        return [.. message];
    }

    /// <summary>Updates as people write them: one key after the other, in several places, some deleted again.</summary>
    public static List<byte[]> Typed(int bytes, int seed)
    {
        var random = new Random(seed);
        var updates = new List<byte[]>();
        long[] clocks = new long[20];
        for (int written = 0; written < bytes; written += updates[^1].Length)
        {
            int writer = random.Next(clocks.Length);
            string text = random.Next(6) == 0 ? "a whole sentence that was pasted, or so. " : "x";
            updates.Add(Insert(1_000_000_000 + writer, clocks[writer], text));
            clocks[writer] += text.Length;
        }

        return updates;
    }

    /// <summary>One update of a document that people have worked on: pieces of text, each behind some earlier one, so that none can be joined.</summary>
    public static byte[] Document(int bytes, int seed)
    {
        const int Writers = 20;
        var random = new Random(seed);
        var update = new List<byte> { Writers };
        for (int writer = 0; writer < Writers; writer++)
        {
            long client = 1_000_000_000 + writer;
            long clock = 0;
            long count = 0;
            var structs = new List<byte>();
            for (; structs.Count < bytes / Writers; count++)
            {
                string text = new((char)('a' + random.Next(26)), random.Next(20, 60));
                if (clock == 0)
                {
                    structs.AddRange([4, 1, 1, (byte)'t']);
                }
                else
                {
                    structs.Add(0x84);
                    Number(structs, client);
                    Number(structs, random.NextInt64(clock));
                }

                Blob(structs, Encoding.UTF8.GetBytes(text));
                clock += text.Length;
            }

            Number(update, count);
            Number(update, client);
            update.Add(0);
            update.AddRange(structs);
        }

        update.Add(0);
        return [.. update];
    }

    public static void Number(List<byte> bytes, long value)
    {
        for (; value >= 128; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
    }

    public static void Blob(List<byte> bytes, byte[] blob)
    {
        Number(bytes, blob.Length);
        bytes.AddRange(blob);
    }
}
