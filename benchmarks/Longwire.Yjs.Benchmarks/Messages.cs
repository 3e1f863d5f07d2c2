using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Longwire.Yjs.Benchmarks;

/// <summary>The messages that the generator's clients write.</summary>
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

    /// <summary>
    /// One update of a document that people have worked on in turn: each piece of text stands behind another writer's, so that none can be
    /// joined.
    /// </summary>
    public static byte[] Document(int bytes, int seed)
    {
        const int Writers = 20;
        const long FirstClient = 1_000_000_000;
        var random = new Random(seed);
        long[] clocks = new long[Writers];
        int[] counts = new int[Writers];
        List<byte>[] structs = [.. Enumerable.Range(0, Writers).Select(static _ => new List<byte>())];
        int writer = 0;
        for (int written = 0; written < bytes; writer = (writer + 1) % Writers)
        {
            string text = new((char)('a' + random.Next(26)), random.Next(20, 60));
            List<byte> own = structs[writer];
            int before = own.Count;
            int neighbour = (writer + Writers - 1) % Writers;
            if (clocks[neighbour] == 0)
            {
                own.AddRange([4, 1, 1, (byte)'t']);
            }
            else
            {
                own.Add(0x84);
                Number(own, FirstClient + neighbour);
                Number(own, clocks[neighbour] - 1);
            }

            Blob(own, Encoding.UTF8.GetBytes(text));
            clocks[writer] += text.Length;
            counts[writer]++;
            written += own.Count - before;
        }

        var update = new List<byte> { Writers };
        for (writer = Writers - 1; writer >= 0; writer--)
        {
            Number(update, counts[writer]);
            Number(update, FirstClient + writer);
            update.Add(0);
            update.AddRange(structs[writer]);
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
