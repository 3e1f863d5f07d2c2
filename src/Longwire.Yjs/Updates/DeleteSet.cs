using System.Diagnostics;

namespace Longwire.Yjs;

/// <summary>All that is deleted in a document: of each client sorted ranges that neither overlap nor touch.</summary>
internal sealed class DeleteSet
{
    // Up to here a range is put into its place by itself; more of them are merged in one walk, so that no update costs its length times the
    // set's.
    private const int FewRanges = 4;

    private readonly Dictionary<long, List<DeletedRange>> _clients = [];
    private long[]? _order;

    /// <summary>How many ranges there are.</summary>
    public int RangeCount { get; private set; }

    public int ClientCount => _clients.Count;

    /// <summary>Walks through a set that a peer wrote.</summary>
    /// <param name="reader">Stands at the set; behind it afterwards.</param>
    /// <param name="cost">Rises by what the set costs in memory.</param>
    /// <param name="maxCost">The most that it may be.</param>
    public static void Check(ref Lib0Reader reader, ref long cost, long maxCost)
    {
        for (long clients = reader.ReadVarUint(); clients > 0 && !reader.Failed; clients--)
        {
            reader.ReadVarUint();
            cost += ParsedUpdate.ClientCost;
            for (long ranges = reader.ReadVarUint(); ranges > 0 && !reader.Failed; ranges--)
            {
                long clock = reader.ReadVarUint();
                if (reader.ReadVarUint() > Lib0Reader.MaxInteger - clock)
                {
                    reader.Fail("A clock is larger than 2^53 - 1.");
                }

                cost += DeletedRange.Cost;
                if (cost > maxCost)
                {
                    reader.Fail("It takes more memory than a document may.");
                }
            }
        }
    }

    /// <summary>Whether all of a set that was checked is in this one.</summary>
    public bool Has(ReadOnlySpan<byte> set)
    {
        var reader = new Lib0Reader(set);
        for (long clients = reader.ReadVarUint(); clients > 0; clients--)
        {
            List<DeletedRange>? known = _clients.GetValueOrDefault(reader.ReadVarUint());
            for (long ranges = reader.ReadVarUint(); ranges > 0; ranges--)
            {
                long clock = reader.ReadVarUint();
                long end = clock + reader.ReadVarUint();
                // Known ranges don't touch each other, so one of them holds all of it, or something is new.
                int at = known is null ? 0 : FirstEndingAtOrBehind(known, end);
                if (clock < end && (known is null || at == known.Count || known[at].Clock > clock))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Adds a set that was checked.</summary>
    /// <returns>Whether anything in it is new.</returns>
    public bool Add(ReadOnlySpan<byte> set)
    {
        bool changed = false;
        var reader = new Lib0Reader(set);
        var added = new List<DeletedRange>();
        for (long clients = reader.ReadVarUint(); clients > 0; clients--)
        {
            long client = reader.ReadVarUint();
            added.Clear();
            bool sorted = true;
            for (long ranges = reader.ReadVarUint(); ranges > 0; ranges--)
            {
                long clock = reader.ReadVarUint();
                var range = new DeletedRange(clock, clock + reader.ReadVarUint());
                if (range.Clock < range.End)
                {
                    sorted &= added.Count == 0 || added[^1].Clock <= range.Clock;
                    added.Add(range);
                }
            }

            if (!sorted)
            {
                added.Sort(static (one, other) => one.Clock.CompareTo(other.Clock));
            }

            changed |= added.Count > 0 && Add(client, added);
        }

        Debug.Assert(!reader.Failed && reader.AtEnd, "The set was checked before.");
        return changed;
    }

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public long Measure()
    {
        long length = Lib0Writer.LengthOf(_clients.Count);
        foreach ((long client, List<DeletedRange> ranges) in _clients)
        {
            length += Lib0Writer.LengthOf(client) + Lib0Writer.LengthOf(ranges.Count);
            foreach (DeletedRange range in ranges)
            {
                length += Lib0Writer.LengthOf(range.Clock) + Lib0Writer.LengthOf(range.End - range.Clock);
            }
        }

        return length;
    }

    public void Write(ref Lib0Writer writer)
    {
        // The highest client first, as Yjs writes it.
        _order ??= [.. _clients.Keys.OrderDescending()];
        writer.WriteVarUint(_order.Length);
        foreach (long client in _order)
        {
            List<DeletedRange> ranges = _clients[client];
            writer.WriteVarUint(client);
            writer.WriteVarUint(ranges.Count);
            foreach (DeletedRange range in ranges)
            {
                writer.WriteVarUint(range.Clock);
                writer.WriteVarUint(range.End - range.Clock);
            }
        }
    }

    private bool Add(long client, List<DeletedRange> added)
    {
        if (!_clients.TryGetValue(client, out List<DeletedRange>? ranges))
        {
            _clients.Add(client, ranges = []);
            _order = null;
        }

        int before = ranges.Count;
        bool changed = added.Count <= FewRanges ? AddOneByOne(ranges, added) : Merge(ranges, added);
        RangeCount += ranges.Count - before;
        return changed;
    }

    private static bool AddOneByOne(List<DeletedRange> ranges, List<DeletedRange> added)
    {
        bool changed = false;
        foreach (DeletedRange range in added)
        {
            // The first that ends at the new one's beginning or behind it.
            int first = FirstEndingAtOrBehind(ranges, range.Clock);
            int behind = first;
            (long clock, long end) = range;
            while (behind < ranges.Count && ranges[behind].Clock <= range.End)
            {
                clock = Math.Min(clock, ranges[behind].Clock);
                end = Math.Max(end, ranges[behind].End);
                behind++;
            }

            var whole = new DeletedRange(clock, end);
            if (behind == first)
            {
                ranges.Insert(first, whole);
                changed = true;
            }
            else if (behind > first + 1 || ranges[first] != whole)
            {
                ranges[first] = whole;
                ranges.RemoveRange(first + 1, behind - first - 1);
                changed = true;
            }
        }

        return changed;
    }

    private static bool Merge(List<DeletedRange> ranges, List<DeletedRange> added)
    {
        var merged = new List<DeletedRange>(ranges.Count + added.Count);
        int fromRanges = 0;
        int fromAdded = 0;
        while (fromRanges < ranges.Count || fromAdded < added.Count)
        {
            bool takeAdded = fromRanges == ranges.Count || (fromAdded < added.Count && added[fromAdded].Clock < ranges[fromRanges].Clock);
            DeletedRange next = takeAdded ? added[fromAdded++] : ranges[fromRanges++];
            if (merged.Count > 0 && merged[^1].End >= next.Clock)
            {
                merged[^1] = new DeletedRange(merged[^1].Clock, Math.Max(merged[^1].End, next.End));
            }
            else
            {
                merged.Add(next);
            }
        }

        if (ranges.SequenceEqual(merged))
        {
            return false;
        }

        ranges.Clear();
        ranges.AddRange(merged);
        return true;
    }

    private static int FirstEndingAtOrBehind(List<DeletedRange> ranges, long clock)
    {
        int low = 0;
        int high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].End < clock)
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
