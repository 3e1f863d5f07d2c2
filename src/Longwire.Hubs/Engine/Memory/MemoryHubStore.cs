using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Longwire.Hubs.Engines;

/// <summary>
/// The data that the memory engines of one process share: rooms, members and publications by key. One store and several
/// <see cref="MemoryHubEngine"/>s on it are several nodes. A room that nobody subscribes to is kept for as long as its history, and for an
/// hour at least, so that whoever comes back can tell that nothing was missed; at most <see cref="MaxIdleRooms"/> of them. One whose map
/// has keys is kept; all maps together have at most 256 MiB. Thread-safe.
/// </summary>
public sealed partial class MemoryHubStore
{
    /// <summary>How many rooms without members are kept: 10,000. The one idle for longest goes first.</summary>
    public const int MaxIdleRooms = 10_000;

    private const int MaxMarkersOfRoom = 100_000;
    private const int MaxMarkers = 1_000_000;

    private const long DefaultMaxHistoryBytes = 256 * 1024 * 1024;

    private static readonly TimeSpan _idleAge = TimeSpan.FromHours(1);

    private readonly long _maxHistoryBytes;
    private readonly Action<Span<byte>> _fillRandom;
    private readonly ConcurrentDictionary<string, MemoryRoom> _rooms = new(StringComparer.Ordinal);
    private readonly Lock _idleGate = new();
    private readonly Queue<(MemoryRoom Room, int Stamp, TimeSpan Due)> _idle = new();
    private long _historyBytes;
    private int _markers;
    private ulong _lastTag;

    /// <summary>Creates an empty store.</summary>
    /// <param name="timeProvider">The clock for ages. Default: the system's.</param>
    /// <param name="fillRandom">Fills bytes for the names of epochs and for tags. Default: the system's cryptographic source.</param>
    /// <param name="maxHistoryBytes">
    /// How many bytes the history of all rooms may take. Beyond that, rooms without members are forgotten, the one idle for longest first;
    /// then a room that is published in gives up its oldest publications. Default: 256 MiB.
    /// </param>
    /// <param name="maxKeysOfProducer">How many keys are remembered of one producer. Default: 10,000.</param>
    /// <param name="maxKeyBytes">How many bytes the keys of all producers may take, roughly. Default: 64 MiB.</param>
    public MemoryHubStore(
        TimeProvider? timeProvider = null,
        Action<Span<byte>>? fillRandom = null,
        long maxHistoryBytes = DefaultMaxHistoryBytes,
        int maxKeysOfProducer = 10_000,
        long maxKeyBytes = 64 * 1024 * 1024
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHistoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(maxKeysOfProducer);
        ArgumentOutOfRangeException.ThrowIfNegative(maxKeyBytes);
        _maxHistoryBytes = maxHistoryBytes;
        _fillRandom = fillRandom ?? RandomNumberGenerator.Fill;
        _timeProvider = timeProvider ?? TimeProvider.System;
        Clock = new MonotonicClock(_timeProvider);
        Keys = new IdempotencyMemory(maxKeysOfProducer, maxKeyBytes, Clock);
        Blocks = new MemoryBlocks(_timeProvider);
        Versions = new MemoryVersions(_timeProvider);
        Sessions = new MemorySessions(this);
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        _fillRandom(seed);
        _lastTag = BitConverter.ToUInt64(seed);
    }

    /// <summary>How many bytes the history of all rooms takes.</summary>
    internal long HistoryBytes => Volatile.Read(ref _historyBytes);

    internal MonotonicClock Clock { get; }

    internal IdempotencyMemory Keys { get; }

    internal MemoryBlocks Blocks { get; }

    internal MemorySessions Sessions { get; }

    internal MemoryVersions Versions { get; }

    /// <summary>The nodes that were started. The array is never changed, only replaced.</summary>
    internal MemoryLink[] Nodes { get; private set; } = [];

    /// <summary>Held when leases or the list of nodes change.</summary>
    internal Lock NodesGate { get; } = new();

    internal IEnumerable<string> RoomNames => _rooms.Keys;

    /// <summary>
    /// Loses the newest publications of every room that keeps history, and all that is known by them, as a database does that comes back
    /// from an older copy. For tests.
    /// </summary>
    /// <param name="publications">How many of each room.</param>
    public void LoseNewest(int publications)
    {
        foreach (string name in RoomNames)
        {
            using Entered entered = Enter(name);
            MemoryRoom room = entered.Room;
            for (int count = 0; count < publications && RingOfNewest(room) is { } ring; count++)
            {
                int before = ring.Bytes;
                Publication lost = ring.RemoveNewest();
                Interlocked.Add(ref _historyBytes, ring.Bytes - before);
                room.Position = room.Position with { Offset = lost.Position.Offset - 1, Tag = lost.PreviousTag };
                if (lost.Draft.IsMapChange)
                {
                    room.Map!.Revert(lost);
                }
                else
                {
                    room.Messages--;
                }
            }

            Keys.Forget(name, room.Position.Offset);
        }
    }

    internal void AddNode(MemoryLink link)
    {
        lock (NodesGate)
        {
            Nodes = [.. Nodes, link];
        }
    }

    /// <summary>Until when a node's lease lasts.</summary>
    internal TimeSpan LeaseOf(MemoryLink link)
    {
        lock (NodesGate)
        {
            return link.LeasedUntil;
        }
    }

    internal void RemoveNode(MemoryLink link)
    {
        lock (NodesGate)
        {
            Nodes = [.. Nodes.Where(node => node != link)];
        }
    }

    /// <summary>Finds or makes a room and takes its lock. One that is not about to be subscribed to is forgotten in time.</summary>
    internal Entered Enter(string name, bool isSubscribing = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        while (true)
        {
            if (!_rooms.TryGetValue(name, out MemoryRoom? room))
            {
                room = _rooms.GetOrAdd(name, new MemoryRoom(name, NewEpoch()));
            }

            Monitor.Enter(room);
            if (!room.Removed)
            {
                if (room.IdleStamp == 0 && !isSubscribing)
                {
                    Idle(room, TimeSpan.Zero);
                }

                return new Entered(room);
            }

            Monitor.Exit(room);
        }
    }

    internal PublishResult Publish(string name, PublicationDraft draft, in StoreOptions options)
    {
        PublishResult result;
        bool isWatched;
        using (Entered entered = Enter(name))
        {
            result = Publish(entered.Room, draft, options);
            isWatched = entered.Room.Subscribers.Length > 0;
            if (!isWatched)
            {
                Idle(entered.Room, options.HistoryAge);
            }
        }

        if (!isWatched || HistoryBytes > _maxHistoryBytes)
        {
            ForgetIdleRooms();
            if (HistoryBytes > _maxHistoryBytes)
            {
                ForgetOldest(name);
            }
        }

        return result;
    }

    internal HistoryPage Read(string name, HistoryQuery query)
    {
        using Entered entered = Enter(name);
        MemoryRoom room = entered.Room;
        Trim(room.History);
        Trim(room.Map?.Changes);
        if (!query.WithChanges || query.Since is not { } since)
        {
            return new HistoryPage(room.Position, room.History?.Read(query) ?? []);
        }

        // Behind both of what was dropped last nothing is missing.
        long complete = Math.Max(Math.Max(room.History?.Dropped ?? 0, room.NotKept), room.Map?.Changes.Dropped ?? 0);
        query = query with { Since = Math.Max(since, complete) };
        Publication[] messages = room.History?.Read(query) ?? [];
        Publication[] changes = room.Map?.Changes.Read(query) ?? [];
        return new HistoryPage(
            room.Position,
            changes.Length == 0
                ? messages
                : [.. messages.Concat(changes).OrderBy(static publication => publication.Position.Offset).Take(query.Limit)]
        );
    }

    /// <summary>Sets a user's marker. Where there are too many, the one that has not moved for longest is forgotten.</summary>
    internal void Mark(MemoryRoom room, string userId, long offset)
    {
        KeyVersions markers = room.Markers ??= new KeyVersions(MaxMarkersOfRoom);
        int before = markers.Count;
        markers.TryAdvance(userId, offset, isFull: Volatile.Read(ref _markers) >= MaxMarkers);
        Interlocked.Add(ref _markers, markers.Count - before);
    }

    /// <summary>The room has no subscriber: forgets it later. Called under the room's lock.</summary>
    internal void Idle(MemoryRoom room, TimeSpan historyAge)
    {
        room.IdleStamp++;
        lock (_idleGate)
        {
            _idle.Enqueue((room, room.IdleStamp, Clock.After(historyAge > _idleAge ? historyAge : _idleAge)));
        }
    }

    internal void ForgetIdleRooms()
    {
        while (true)
        {
            (MemoryRoom Room, int Stamp, TimeSpan Due) oldest;
            lock (_idleGate)
            {
                bool isCrowded = _idle.Count > MaxIdleRooms || HistoryBytes > _maxHistoryBytes;
                if (!_idle.TryPeek(out oldest) || (!isCrowded && oldest.Due > Clock.Now))
                {
                    return;
                }

                _idle.Dequeue();
            }

            lock (oldest.Room)
            {
                if (oldest.Room is { Subscribers.Length: 0, Map: null or { Count: 0 } } && oldest.Room.IdleStamp == oldest.Stamp)
                {
                    Remove(oldest.Room);
                }
            }
        }
    }

    private PublishResult Publish(MemoryRoom room, PublicationDraft draft, in StoreOptions options)
    {
        if (options.IdempotencyKey is { } key && Keys.Find(room.Name, key, options.Fingerprint) is { } known)
        {
            return known;
        }

        if (room.IsStale(draft))
        {
            return new PublishResult(room.Position, PublishOutcome.Stale);
        }

        Publication publication = Append(room, draft);
        Keep(room, publication, options);
        if (options.IdempotencyKey is { } newKey)
        {
            Keys.Add(room.Name, newKey, options.Fingerprint, publication.Position, options.IdempotencyAge);
        }

        Tell(room, publication);
        return new PublishResult(publication.Position, PublishOutcome.Published);
    }

    /// <summary>Gives a publication its place in the room's sequence. Called under the room's lock.</summary>
    private Publication Append(MemoryRoom room, PublicationDraft draft)
    {
        ulong previousTag = room.Position.Tag;
        room.Position = room.Position with { Offset = room.Position.Offset + 1, Tag = NewTag() };
        room.Messages += draft.IsMapChange ? 0 : 1;
        return new Publication(room.Position, previousTag, draft) { Messages = room.Messages };
    }

    /// <summary>Called under the room's lock: every node is told in the order of the offsets.</summary>
    private void Tell(MemoryRoom room, Publication publication)
    {
        MemoryLink[] told = room.Name.StartsWith(IPublicationStore.UserPrefix, StringComparison.Ordinal) ? Nodes : room.Subscribers;
        foreach (MemoryLink node in told)
        {
            node.Tell(room.Name, publication);
        }
    }

    private void Keep(MemoryRoom room, Publication publication, in StoreOptions options)
    {
        if (options.HistorySize == 0 && room.History is null)
        {
            room.NotKept = publication.Position.Offset;
            return;
        }

        HistoryRing history = room.History ??= new HistoryRing();
        int before = history.Bytes;
        history.Add(publication, options, Clock.Now);
        Interlocked.Add(ref _historyBytes, history.Bytes - before);
    }

    private void Trim(HistoryRing? ring)
    {
        if (ring is not null)
        {
            int before = ring.Bytes;
            ring.Trim(Clock.Now);
            Interlocked.Add(ref _historyBytes, ring.Bytes - before);
        }
    }

    /// <summary>The ring that holds the newest publication of a room; null where that is not kept.</summary>
    private static HistoryRing? RingOfNewest(MemoryRoom room)
    {
        HistoryRing?[] rings = [room.History, room.Map?.Changes];
        return rings.FirstOrDefault(ring => ring is { Count: > 0 } && ring.Newest.Position.Offset == room.Position.Offset);
    }

    /// <summary>All rooms that keep history have members, and there is too much of it: the one published in gives up its oldest.</summary>
    private void ForgetOldest(string name)
    {
        if (!_rooms.TryGetValue(name, out MemoryRoom? room))
        {
            return;
        }

        lock (room)
        {
            while (room is { Removed: false, History: { Count: > 1 } history } && HistoryBytes > _maxHistoryBytes)
            {
                int before = history.Bytes;
                history.RemoveOldest();
                Interlocked.Add(ref _historyBytes, history.Bytes - before);
            }
        }
    }

    private void Remove(MemoryRoom room)
    {
        if (!room.Removed)
        {
            Interlocked.Add(ref _historyBytes, -(room.History?.Bytes ?? 0) - (room.Map?.Changes.Bytes ?? 0));
            Interlocked.Add(ref _mapBytes, -(room.Map?.Bytes ?? 0));
            Interlocked.Add(ref _markers, -(room.Markers?.Count ?? 0));
            room.ForgetPresence(Versions);
        }

        room.Removed = true;
        _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
    }

    private string NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[8];
        _fillRandom(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>A tag that no other publication has: SplitMix64 maps a counter to numbers one to one.</summary>
    private ulong NewTag()
    {
        ulong tag = Interlocked.Add(ref _lastTag, 0x9E3779B97F4A7C15);
        tag = (tag ^ (tag >> 30)) * 0xBF58476D1CE4E5B9;
        tag = (tag ^ (tag >> 27)) * 0x94D049BB133111EB;
        tag ^= tag >> 31;
        return tag == 0 ? NewTag() : tag;
    }

    internal readonly ref struct Entered(MemoryRoom room)
    {
        public MemoryRoom Room { get; } = room;

        public void Dispose() => Monitor.Exit(Room);
    }
}
