using System.Diagnostics;

namespace Longwire.Yjs;

/// <summary>
/// All structs of one client that a document has: runs in the order of their clocks, which don't overlap. Between two there is a hole where
/// something has not come yet.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="joins">
/// Whether structs become one that Yjs would split in two at the same place: what was typed key by key then takes the bytes of its text.
/// </param>
internal sealed class ClientStructs(long client, bool joins)
{
    private const int LeastMemory = 64;

    private List<StructRun> _runs = [];
    private int _ownMemory = -1; // the run whose memory is this object's alone, with room behind it; always the last
    private int _lastStruct = -1; // where the last struct of that run begins; negative when nobody has looked

    public long Client { get; } = client;

    public int RunCount => _runs.Count;

    /// <summary>Bytes of all runs.</summary>
    public long ByteCount { get; private set; }

    /// <summary>How many runs don't follow the one before them.</summary>
    public int HoleCount { get; private set; }

    /// <summary>The clock below which all is there.</summary>
    public long ContiguousEnd { get; private set; }

    /// <summary>Whether all clocks of a range are there.</summary>
    public bool Has(long clock, long end)
    {
        if (end <= ContiguousEnd)
        {
            return true;
        }

        for (int i = FirstEndingBehind(clock); clock < end; i++)
        {
            if (i == _runs.Count || _runs[i].Clock > clock)
            {
                return false;
            }

            clock = _runs[i].End;
        }

        return true;
    }

    /// <summary>Adds what is new in runs that are sorted and don't overlap.</summary>
    /// <returns>Whether anything is.</returns>
    public bool Add(ReadOnlySpan<(long Client, StructRun Run)> runs)
    {
        bool changed = false;
        int next = 0;
        for (; next < runs.Length; next++)
        {
            StructRun run = runs[next].Run;
            if (run.End <= ContiguousEnd)
            {
                continue;
            }

            if (_runs.Count > 0 && run.Clock < _runs[^1].End)
            {
                if (HoleCount == 0)
                {
                    // All before its end is there.
                    run = StructSlicer.Slice(Client, run, _runs[^1].End, run.End);
                }
                else
                {
                    break;
                }
            }

            Append(run);
            changed = true;
        }

        return next < runs.Length ? FillHoles(runs[next..]) || changed : changed;
    }

    /// <summary>The structs from a clock on: which runs, the first one perhaps cut, with a Skip for each hole between them.</summary>
    /// <param name="from">The first clock that is wanted.</param>
    /// <param name="first">The first run.</param>
    /// <param name="next">The index of the run behind the first.</param>
    /// <param name="count">How many structs, Skips included.</param>
    /// <param name="length">How many bytes, Skips included.</param>
    /// <returns>False when there are none.</returns>
    public bool Measure(long from, out StructRun first, out int next, out long count, out long length)
    {
        int index = FirstEndingBehind(from);
        (first, next, count, length) = (default, 0, 0, 0);
        if (index == _runs.Count)
        {
            return false;
        }

        first = from > _runs[index].Clock ? CutFront(_runs[index], from) : _runs[index];
        next = index + 1;
        (count, length) = (first.Count, first.Length);
        for (int i = next; i < _runs.Count; i++)
        {
            long hole = _runs[i].Clock - _runs[i - 1].End;
            if (hole > 0)
            {
                count++;
                length += 1 + Lib0Writer.LengthOf(hole);
            }

            count += _runs[i].Count;
            length += _runs[i].Length;
        }

        return true;
    }

    /// <summary>Writes what <see cref="Measure"/> found.</summary>
    public void Write(ref Lib0Writer writer, in StructRun first, int next)
    {
        writer.WriteBytes(first.Bytes);
        for (int i = next; i < _runs.Count; i++)
        {
            long hole = _runs[i].Clock - _runs[i - 1].End;
            if (hole > 0)
            {
                writer.WriteByte(StructHeader.Skip);
                writer.WriteVarUint(hole);
            }

            writer.WriteBytes(_runs[i].Bytes);
        }
    }

    // Yjs cuts the first struct that is wanted in part.
    private StructRun CutFront(StructRun run, long from) => StructSlicer.Slice(Client, run, from, run.End);

    private void Append(StructRun run)
    {
        long end = _runs.Count == 0 ? 0 : _runs[^1].End;
        Debug.Assert(run.Clock >= end && run.End > run.Clock, "Runs are in order and none is empty.");
        if (run.Clock > end)
        {
            HoleCount++;
        }
        else if (HoleCount == 0)
        {
            ContiguousEnd = run.End;
        }

        if (_runs.Count == 0 || run.Clock > end || _runs[^1].Length + run.Length > StructRun.MaxBytes)
        {
            // A small part must not keep the memory of a large update.
            ByteCount += run.Length;
            _runs.Add(run.Length < run.Memory.Length / 2 ? run with { Memory = run.Bytes.ToArray(), Offset = 0 } : run);
            return;
        }

        // Strokes of keys come by the thousand: they go behind each other into memory that doubles.
        StructRun last = _runs[^1];
        int length = last.Length + run.Length + StructJoiner.MostBytesAdded;
        byte[] memory = last.Memory;
        int offset = last.Offset;
        if (_ownMemory != _runs.Count - 1 || length > memory.Length)
        {
            memory = new byte[Math.Clamp(2 * length, LeastMemory, Math.Max(length, StructRun.MaxBytes))];
            offset = 0;
            last.Bytes.CopyTo(memory);
            _lastStruct = _ownMemory == _runs.Count - 1 ? _lastStruct : -1;
            _ownMemory = _runs.Count - 1;
        }

        _runs[^1] = new StructRun(last.Clock, last.End, last.Count, memory, offset, last.Length);
        int joined = joins ? Join(run) : 0;
        last = _runs[^1];
        ReadOnlySpan<byte> rest = run.Bytes[joined..];
        rest.CopyTo(memory.AsSpan(last.Length));
        int count = run.Count - (joined > 0 ? 1 : 0);
        _runs[^1] = last with { End = run.End, Count = last.Count + count, Length = last.Length + rest.Length };
        ByteCount += rest.Length;
        if (count == 1)
        {
            _lastStruct = last.Length;
        }
        else if (count > 1)
        {
            _lastStruct = -1;
        }
    }

    // Makes one struct of the last one and a run's first, where they may be.
    // Returns how many bytes of the run are in the last struct now; 0 when none.
    private int Join(in StructRun run)
    {
        StructRun tail = _runs[^1];
        if (_lastStruct < 0)
        {
            _lastStruct = StructJoiner.FindLast(tail.Bytes);
        }

        int length = StructJoiner.Join(tail.Memory.AsSpan(0), tail.Length, _lastStruct, Client, tail.End, run.Bytes, out int joined);
        _runs[^1] = tail with { Length = length };
        ByteCount += length - tail.Length;
        return joined;
    }

    // Puts the pieces that are missing between the runs that are there, in one walk.
    private bool FillHoles(ReadOnlySpan<(long Client, StructRun Run)> runs)
    {
        List<StructRun> before = _runs;
        _runs = new List<StructRun>(before.Count + runs.Length);
        _ownMemory = -1;
        (ByteCount, HoleCount, ContiguousEnd) = (0, 0, 0);
        bool changed = false;
        int next = 0;
        foreach ((_, StructRun run) in runs)
        {
            long clock = run.Clock;
            while (clock < run.End)
            {
                while (next < before.Count && before[next].Clock <= clock)
                {
                    clock = Math.Max(clock, before[next].End);
                    Append(before[next++]);
                }

                if (next > 0)
                {
                    clock = Math.Max(clock, before[next - 1].End);
                }

                long end = next < before.Count ? Math.Min(run.End, before[next].Clock) : run.End;
                if (clock < end)
                {
                    Append(StructSlicer.Slice(Client, run, clock, end));
                    changed = true;
                    clock = end;
                }
            }
        }

        while (next < before.Count)
        {
            Append(before[next++]);
        }

        return changed;
    }

    private int FirstEndingBehind(long clock)
    {
        int low = 0;
        int high = _runs.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_runs[middle].End <= clock)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
