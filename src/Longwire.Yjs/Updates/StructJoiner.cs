using System.Diagnostics;

namespace Longwire.Yjs;

/// <summary>
/// Makes one struct of two that follow each other, where Yjs would make these two again if it had to split the one at that place: the
/// second has the end of the first at its left, and both have the same at their right. So nothing is lost, and what was typed key by key
/// takes the bytes of its text.
/// </summary>
internal static class StructJoiner
{
    /// <summary>By how much the first may grow beside what the second holds: its length is written anew.</summary>
    public const int MostBytesAdded = 8;

    /// <summary>Where the last struct of a run begins.</summary>
    public static int FindLast(ReadOnlySpan<byte> run)
    {
        var reader = new Lib0Reader(run);
        int last = 0;
        while (!reader.AtEnd)
        {
            last = StructHeader.Read(ref reader, validate: false).Start;
        }

        return last;
    }

    /// <summary>Joins the last struct of a run with the first of the next, if they may be.</summary>
    /// <param name="memory">Begins with the run; behind it is room for the second struct and <see cref="MostBytesAdded"/>.</param>
    /// <param name="length">The run's length.</param>
    /// <param name="lastStruct">Where its last struct begins.</param>
    /// <param name="client">The client.</param>
    /// <param name="end">The clock behind the run.</param>
    /// <param name="next">The next run.</param>
    /// <param name="joined">How many of its bytes are in the last struct now.</param>
    /// <returns>The run's length now.</returns>
    public static int Join(Span<byte> memory, int length, int lastStruct, long client, long end, ReadOnlySpan<byte> next, out int joined)
    {
        joined = 0;
        var reader = new Lib0Reader(memory[..length]) { Position = lastStruct };
        StructHeader first = StructHeader.Read(ref reader, validate: false);
        Debug.Assert(reader.AtEnd, "It is the last.");
        var nextReader = new Lib0Reader(next);
        StructHeader second = StructHeader.Read(ref nextReader, validate: false);
        if (!MayJoin(memory, first, client, end, next, second))
        {
            return length;
        }

        // A number of bytes or of clocks, then the bytes.
        reader.Position = first.ContentStart;
        nextReader.Position = second.ContentStart;
        long count = reader.ReadVarUint() + nextReader.ReadVarUint();
        int firstData = reader.Position;
        ReadOnlySpan<byte> secondData = next[nextReader.Position..second.End];
        int data = first.ContentStart + Lib0Writer.LengthOf(count);
        int dataLength = first.End - firstData;
        memory.Slice(firstData, dataLength).CopyTo(memory[data..]);
        new Lib0Writer(memory[first.ContentStart..]).WriteVarUint(count);
        secondData.CopyTo(memory[(data + dataLength)..]);
        joined = second.End;
        return data + dataLength + secondData.Length;
    }

    private static bool MayJoin(
        ReadOnlySpan<byte> run,
        in StructHeader first,
        long client,
        long end,
        ReadOnlySpan<byte> next,
        in StructHeader second
    )
    {
        if (first.Content != second.Content)
        {
            return false;
        }

        switch (first.Content)
        {
            case StructHeader.Collected:
                return true;
            // Values of lists could be joined as well, but can't be told from those of a map's key, each of which is a struct of its own.
            case StructHeader.Text or StructHeader.Deleted:
                break;
            default:
                return false;
        }

        bool isKey = first.HasParent && (first.Info & StructHeader.HasParentKey) != 0;
        bool isBehind = (second.Info & StructHeader.HasOrigin) != 0 && !isKey;
        if (!isBehind || (first.Info & StructHeader.HasRightOrigin) != (second.Info & StructHeader.HasRightOrigin))
        {
            return false;
        }

        var origin = new Lib0Reader(next) { Position = second.Start + 1 };
        if (origin.ReadVarUint() != client || origin.ReadVarUint() != end - 1)
        {
            return false;
        }

        return (first.Info & StructHeader.HasRightOrigin) == 0
            || run[first.AfterOrigin..first.ContentStart].SequenceEqual(next[second.AfterOrigin..second.ContentStart]);
    }
}
