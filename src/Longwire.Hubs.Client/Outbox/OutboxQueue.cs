using System.Diagnostics;

namespace Longwire.Hubs.Client;

/// <summary>
/// The publications of a client that are not settled, and the rules of what is sent when (<c>docs/protocol/client.md</c>, The hub's
/// outbox). It neither sends nor waits. Not thread safe: the client's lock guards it.
/// </summary>
internal sealed class OutboxQueue
{
    /// <summary>The most that may be under way, in messages and bytes.</summary>
    public const int MaxUnderWay = 16;

    private const int MaxUnderWayBytes = 128 << 10;

    private readonly OutboxJournal _journal;
    private readonly int _maxUnderWay;
    private readonly TimeProvider _time;
    private readonly LinkedList<OutboxEntry> _entries = [];
    private readonly Dictionary<string, LinkedListNode<OutboxEntry>> _byId = new(StringComparer.Ordinal);
    private readonly List<string> _blocked = [];
    private string? _destination;
    private string? _owner; // null until the client knows who it is
    private bool _isCareful; // one at a time
    private int _underWay;
    private int _underWayBytes;
    private long _notBefore = long.MinValue;

    public OutboxQueue(OutboxJournal journal, int maxUnderWay, TimeProvider time)
    {
        _journal = journal;
        _maxUnderWay = maxUnderWay;
        _time = time;
        _destination = journal.Destination;
        foreach (OutboxEntry entry in journal.Entries)
        {
            Append(entry);
        }
    }

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    /// <summary>Adds a publication, which is kept when the call returns.</summary>
    /// <exception cref="IOException">It could not be kept, and was not added.</exception>
    public void Add(OutboxEntry entry)
    {
        if (_owner is not null)
        {
            entry.Own(_owner);
        }

        _journal.Added(entry);
        Append(entry);
    }

    /// <summary>The entry that may be sent now; it is under way from here on.</summary>
    /// <param name="isReady">Whether a room can be published to: the client is not just joining it.</param>
    /// <exception cref="IOException">That it is sent could not be kept: it must not be sent.</exception>
    public OutboxEntry? Next(Func<string, bool> isReady)
    {
        long now = _time.GetTimestamp();
        if (_entries.Count == _underWay || _notBefore > now || !HasWindow)
        {
            return null;
        }

        _blocked.Clear();
        foreach (OutboxEntry entry in _entries)
        {
            if (entry.IsUnderWay || _blocked.Contains(entry.Target))
            {
                continue;
            }

            if (entry.NotBefore > now || (entry.Room is { } room && !isReady(room)))
            {
                _blocked.Add(entry.Target);
                continue;
            }

            entry.AfterId = LastBefore(entry)?.Id;
            Begin(entry);
            return entry;
        }

        return null;
    }

    /// <summary>The entry that an answer is for; null when it is for none.</summary>
    public OutboxEntry? Find(string id) => _byId.TryGetValue(id, out LinkedListNode<OutboxEntry>? node) ? node.Value : null;

    /// <summary>The hub has refused an entry for now.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="delay">When to send it again.</param>
    /// <param name="isForAll">Whether any other would be refused, too.</param>
    public void Delay(OutboxEntry entry, TimeSpan delay, bool isForAll)
    {
        Return(entry);
        entry.Delays++;
        entry.NotBefore = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
        _notBefore = isForAll ? Math.Max(_notBefore, entry.NotBefore) : _notBefore;
        _isCareful = true;
    }

    /// <summary>An entry is settled, in whatever way; it is not here any more.</summary>
    public void Settle(OutboxEntry entry)
    {
        Return(entry);
        if (_byId.Remove(entry.Id, out LinkedListNode<OutboxEntry>? node))
        {
            _entries.Remove(node);
            ClientMetrics.Waiting(-1);
            Bytes -= entry.Json.Length + OutboxEntry.Cost;
            try
            {
                _journal.Settled(entry, _entries);
            }
            catch (IOException)
            {
                // Kept for longer than it need be, it is sent once more, and counts once.
            }
        }

        _isCareful &= _entries.Count > 0;
    }

    /// <summary>The connection has broken: what was under way on it is to be sent again.</summary>
    public void Rewind()
    {
        foreach (OutboxEntry entry in _entries)
        {
            Return(entry);
            entry.NotBefore = long.MinValue;
        }

        _notBefore = long.MinValue;
        Debug.Assert(_underWay == 0 && _underWayBytes == 0);
    }

    /// <summary>The client is connected: to where, as whom, and for how long the hub remembers ids.</summary>
    /// <returns>The entries that can't be sent any more; they are taken out.</returns>
    public List<OutboxEntry> Connected(string destination, string owner, TimeSpan remembered)
    {
        bool isElsewhere = _destination is not null && _destination != destination;
        DateTimeOffset tooOld = _time.GetUtcNow() - remembered;
        List<OutboxEntry> lost = [.. _entries.Where(entry => isElsewhere || entry.FirstSent < tooOld || !entry.Own(owner))];
        // Before anything says that what is left is for this destination.
        lost.ForEach(Settle);
        _journal.Owned(destination, owner);
        _destination = destination;
        _owner = owner;
        return lost;
    }

    /// <summary>The rooms that the entries are for.</summary>
    public string[] Rooms => [.. _entries.Select(static entry => entry.Room).OfType<string>().Distinct()];

    /// <summary>The entries for a room.</summary>
    public OutboxEntry[] OfRoom(string room) => [.. _entries.Where(entry => entry.Room == room)];

    /// <summary>The largest entry that is under way; null for none.</summary>
    public OutboxEntry? LargestUnderWay => _entries.Where(static entry => entry.IsUnderWay).MaxBy(static entry => entry.Json.Length);

    /// <summary>When the earliest entry that was refused for now may be sent again; null for none.</summary>
    public TimeSpan? NextDelay
    {
        get
        {
            long now = _time.GetTimestamp();
            long next = long.MaxValue;
            foreach (OutboxEntry entry in _entries)
            {
                long due = Math.Max(entry.NotBefore, _notBefore);
                next = !entry.IsUnderWay && due > now ? Math.Min(next, due) : next;
            }

            return next == long.MaxValue ? null : _time.GetElapsedTime(now, next);
        }
    }

    public void Dispose()
    {
        ClientMetrics.Waiting(-_entries.Count);
        _journal.Dispose();
    }

    private bool HasWindow => _underWay < (_isCareful ? 1 : _maxUnderWay) && _underWayBytes < MaxUnderWayBytes;

    // Of the same room, and under way. There are few of these, and the entry is close behind them.
    private OutboxEntry? LastBefore(OutboxEntry entry)
    {
        LinkedListNode<OutboxEntry>? node = _underWay == 0 ? null : _byId[entry.Id].Previous;
        while (node is not null && !(node.Value.IsUnderWay && node.Value.Target == entry.Target))
        {
            node = node.Previous;
        }

        return node?.Value;
    }

    private void Append(OutboxEntry entry)
    {
        _byId.Add(entry.Id, _entries.AddLast(entry));
        ClientMetrics.Waiting(1);
        Bytes += entry.Json.Length + OutboxEntry.Cost;
    }

    private void Begin(OutboxEntry entry)
    {
        if (entry.FirstSent is null)
        {
            entry.FirstSent = _time.GetUtcNow();
            try
            {
                _journal.Sending(entry);
            }
            catch (IOException)
            {
                entry.FirstSent = null;
                throw;
            }
        }

        entry.IsUnderWay = true;
        _underWay++;
        _underWayBytes += entry.Json.Length;
    }

    private void Return(OutboxEntry entry)
    {
        if (entry.IsUnderWay)
        {
            entry.IsUnderWay = false;
            _underWay--;
            _underWayBytes -= entry.Json.Length;
        }
    }
}
