namespace Longwire.Yjs;

/// <summary>Cuts runs of structs at clocks that lie inside of a struct, as Yjs would split it.</summary>
internal static class StructSlicer
{
    // An ID, and the length of what is left.
    private const int MostBytesAdded = 40;

    // U+FFFD stands for half of a surrogate pair.
    private static ReadOnlySpan<byte> Replacement => [0xEF, 0xBF, 0xBD];

    /// <summary>The part of a run between two clocks that lie in it. The run's own memory where no struct is cut.</summary>
    public static StructRun Slice(long client, StructRun run, long from, long to)
    {
        if (from <= run.Clock && to >= run.End)
        {
            return run;
        }

        ReadOnlySpan<byte> bytes = run.Bytes;
        var reader = new Lib0Reader(bytes);
        long clock = run.Clock;
        StructHeader first = StructHeader.Read(ref reader, validate: false);
        while (clock + first.Length <= from)
        {
            clock += first.Length;
            first = StructHeader.Read(ref reader, validate: false);
        }

        long firstClock = clock;
        StructHeader last = first;
        int count = 1;
        while (clock + last.Length < to)
        {
            clock += last.Length;
            last = StructHeader.Read(ref reader, validate: false);
            count++;
        }

        if (firstClock >= from && clock + last.Length <= to)
        {
            return new StructRun(from, to, count, run.Memory, run.Offset + first.Start, last.End - first.Start);
        }

        byte[] output = new byte[last.End - first.Start + (2 * MostBytesAdded)];
        var writer = new Lib0Writer(output);
        WritePart(ref writer, bytes, first, client, firstClock, from - firstClock, Math.Min(first.Length, to - firstClock));
        if (count > 1)
        {
            writer.WriteBytes(bytes[first.End..last.Start]);
            WritePart(ref writer, bytes, last, client, clock, 0, Math.Min(last.Length, to - clock));
        }

        return new StructRun(from, to, count, output, 0, writer.Position);
    }

    // A struct's part from one of its clocks to another, counted from its first.
    private static void WritePart(
        ref Lib0Writer writer,
        ReadOnlySpan<byte> bytes,
        StructHeader header,
        long client,
        long clock,
        long from,
        long to
    )
    {
        if (from == 0 && to == header.Length)
        {
            writer.WriteBytes(bytes[header.Start..header.End]);
            return;
        }

        if (header.Content == StructHeader.Collected)
        {
            writer.WriteByte(StructHeader.Collected);
            writer.WriteVarUint(to - from);
            return;
        }

        if (from == 0)
        {
            writer.WriteBytes(bytes[header.Start..header.ContentStart]);
        }
        else
        {
            // The part cut off at its left is its left neighbour from now on; so the parent need not be written.
            writer.WriteByte((byte)(header.Info | StructHeader.HasOrigin));
            writer.WriteVarUint(client);
            writer.WriteVarUint(clock + from - 1);
            if ((header.Info & StructHeader.HasRightOrigin) != 0)
            {
                writer.WriteBytes(bytes[header.AfterOrigin..header.ContentStart]);
            }
        }

        WriteContent(ref writer, bytes[header.ContentStart..header.End], header.Content, from, to);
    }

    private static void WriteContent(ref Lib0Writer writer, ReadOnlySpan<byte> bytes, int content, long from, long to)
    {
        if (content == StructHeader.Deleted)
        {
            writer.WriteVarUint(to - from);
            return;
        }

        var reader = new Lib0Reader(bytes);
        if (content == StructHeader.Text)
        {
            WriteText(ref writer, reader.ReadVarBytes(), from, to);
            return;
        }

        reader.ReadVarUint();
        int start = reader.Position;
        for (long i = 0; i < to; i++)
        {
            if (i == from)
            {
                start = reader.Position;
            }

            if (content == StructHeader.Json)
            {
                reader.ReadVarBytes();
            }
            else
            {
                reader.SkipAny(validate: false);
            }
        }

        writer.WriteVarUint(to - from);
        writer.WriteBytes(bytes[start..reader.Position]);
    }

    private static void WriteText(ref Lib0Writer writer, ReadOnlySpan<byte> text, long from, long to)
    {
        int start = Find(text, from, out bool startsInPair);
        int end = Find(text, to, out bool endsInPair);
        // Of a pair that is cut neither half is kept: each becomes U+FFFD, as in Yjs.
        int afterPair = startsInPair ? start + 4 : start;
        int middle = Math.Max(0, end - afterPair);
        writer.WriteVarUint((startsInPair ? Replacement.Length : 0) + middle + (endsInPair ? Replacement.Length : 0));
        if (startsInPair)
        {
            writer.WriteBytes(Replacement);
        }

        writer.WriteBytes(text.Slice(afterPair, middle));
        if (endsInPair)
        {
            writer.WriteBytes(Replacement);
        }
    }

    // The byte at which so many UTF-16 code units end; where they end inside of a pair, the pair's first byte.
    private static int Find(ReadOnlySpan<byte> text, long units, out bool inPair)
    {
        int position = 0;
        inPair = false;
        while (units > 0)
        {
            byte lead = text[position];
            int length =
                lead < 0x80 ? 1
                : lead < 0xE0 ? 2
                : lead < 0xF0 ? 3
                : 4;
            units -= length == 4 ? 2 : 1;
            if (units < 0)
            {
                inPair = true;
                return position;
            }

            position += length;
        }

        return position;
    }
}
