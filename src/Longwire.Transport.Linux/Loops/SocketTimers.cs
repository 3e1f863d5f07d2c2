using System.Numerics;

namespace Longwire.Transport.Linux;

/// <summary>
/// Timers by slot number, one for each slot: a ring of buckets, each a doubly linked list of slots in one array. Setting, moving and
/// clearing a timer are a few writes to memory; a slot without a timer costs nothing but its place in the array, and the array begins
/// with the first timer. It has no clock: it is told the tick.
/// </summary>
internal sealed class SocketTimers
{
    private const int BucketCount = 1024;
    private const int None = -1;

    private readonly int[] _heads = new int[BucketCount];
    private readonly ulong[] _occupied = new ulong[BucketCount / 64];
    private Entry[] _entries = [];
    private int _tick;

    public SocketTimers() => Array.Fill(_heads, None);

    /// <summary>How many timers are set.</summary>
    public int Count { get; private set; }

    /// <summary>Sets the slot's timer, in place of the one it had. A due tick that has passed is due at the next.</summary>
    public void Set(int slot, int dueTick)
    {
        if (slot >= _entries.Length)
        {
            Grow(slot);
        }

        Clear(slot);
        ref Entry entry = ref _entries[slot];
        entry.Due = Math.Max(dueTick, _tick + 1);
        int bucket = entry.Due & (BucketCount - 1);
        entry.Previous = None;
        entry.Next = _heads[bucket];
        if (entry.Next != None)
        {
            _entries[entry.Next].Previous = slot;
        }

        _heads[bucket] = slot;
        _occupied[bucket >> 6] |= 1UL << (bucket & 63);
        Count++;
    }

    public void Clear(int slot)
    {
        if (slot >= _entries.Length)
        {
            return;
        }

        ref Entry entry = ref _entries[slot];
        if (entry.Due == 0)
        {
            return;
        }

        int bucket = entry.Due & (BucketCount - 1);
        if (entry.Previous != None)
        {
            _entries[entry.Previous].Next = entry.Next;
        }
        else
        {
            _heads[bucket] = entry.Next;
        }

        if (entry.Next != None)
        {
            _entries[entry.Next].Previous = entry.Previous;
        }

        if (_heads[bucket] == None)
        {
            _occupied[bucket >> 6] &= ~(1UL << (bucket & 63));
        }

        entry = default;
        Count--;
    }

    public bool IsSet(int slot) => slot < _entries.Length && _entries[slot].Due != 0;

    /// <summary>Takes one slot whose timer is due at <paramref name="tick"/> or before; false when there is none left.</summary>
    public bool TryTakeDue(int tick, out int slot)
    {
        // After a long sleep each bucket needs to be looked at once, not once a tick.
        if (tick - _tick > BucketCount)
        {
            _tick = tick - BucketCount;
        }

        while (_tick < tick && Count > 0)
        {
            int bucket = (_tick + 1) & (BucketCount - 1);
            for (int candidate = _heads[bucket]; candidate != None; candidate = _entries[candidate].Next)
            {
                if (_entries[candidate].Due > tick)
                {
                    continue;
                }

                Clear(candidate);
                slot = candidate;
                return true;
            }

            _tick++;
        }

        if (Count == 0)
        {
            _tick = Math.Max(_tick, tick);
        }

        slot = None;
        return false;
    }

    /// <summary>The number of ticks until a bucket with timers comes round; at least 1. (Its timers may be of a later round.)</summary>
    public int TicksUntilNext(int tick)
    {
        if (_tick < tick)
        {
            return 1;
        }

        int start = (_tick + 1) & (BucketCount - 1);
        for (int ahead = 0; ahead < BucketCount; )
        {
            int bucket = (start + ahead) & (BucketCount - 1);
            ulong word = _occupied[bucket >> 6] >> (bucket & 63);
            if (word != 0)
            {
                return 1 + ahead + BitOperations.TrailingZeroCount(word);
            }

            ahead += 64 - (bucket & 63);
        }

        return BucketCount;
    }

    private void Grow(int slot)
    {
        int length = Math.Max(64, (int)BitOperations.RoundUpToPowerOf2((uint)slot + 1));
        Array.Resize(ref _entries, length);
    }

    // A due tick of 0 says that no timer is set: ticks begin at 1.
    private struct Entry
    {
        public int Due;
        public int Previous;
        public int Next;
    }
}
