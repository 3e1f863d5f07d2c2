namespace Longwire.Hubs.Engines;

/// <content>Changes of maps, and the clock that removes keys.</content>
public sealed partial class MemoryHubStore
{
    private const long MaxMapBytes = 256 * 1024 * 1024;

    private readonly Lock _expiryGate = new();
    private readonly SortedSet<MapExpiry> _expiries = new(MapExpiry.ByDue);
    private readonly TimeProvider _timeProvider;
    private ITimer? _expiryTimer;
    private long _expiryNumber;
    private long _mapBytes;

    /// <summary>How many bytes the keys and values of all maps take.</summary>
    internal long MapBytes => Volatile.Read(ref _mapBytes);

    internal MapResult Change(string name, MapChange change, in MapStoreOptions options)
    {
        using Entered entered = Enter(name);
        return Change(entered.Room, change, options);
    }

    private MapResult Change(MemoryRoom room, MapChange change, in MapStoreOptions options)
    {
        StoreOptions keep = options.Changes;
        if (keep.IdempotencyKey is { } key && Keys.Find(room.Name, key, keep.Fingerprint) is { } known)
        {
            return known.Outcome == PublishOutcome.Repeated
                ? new MapResult(MapOutcome.Repeated, known.Position.Offset)
                : new MapResult(MapOutcome.IdReused, 0);
        }

        MemoryMap map = room.Map ??= new MemoryMap();
        MapItem? item = map.Find(change.Key);
        if (change.IfVersion is { } expected && expected != (item?.Version ?? 0))
        {
            return new MapResult(MapOutcome.Conflict, item?.Version ?? 0);
        }

        if (change.Value is null && item is null)
        {
            return new MapResult(MapOutcome.Unchanged, 0);
        }

        long growth = map.GrowthBy(change);
        if (
            change.Value is not null
            && (
                (item is null && map.Count >= options.MaxKeys)
                || (growth > 0 && (map.Bytes + growth > options.MaxBytes || MapBytes + growth > MaxMapBytes))
            )
        )
        {
            return new MapResult(MapOutcome.Full, item?.Version ?? 0);
        }

        RoomPosition position = Append(room, map, change, keep);
        if (keep.IdempotencyKey is { } newKey)
        {
            Keys.Add(room.Name, newKey, keep.Fingerprint, position, keep.IdempotencyAge);
        }

        return new MapResult(MapOutcome.Changed, position.Offset);
    }

    /// <summary>Makes a change, which is the next of the room's publications. Called under the room's lock.</summary>
    private RoomPosition Append(MemoryRoom room, MemoryMap map, MapChange change, in StoreOptions keep)
    {
        var draft = new PublicationDraft(PublicationTypes.MapChange, Sender: null, ContentKind.Json, change.Value ?? default, change.Time)
        {
            Key = change.Key,
            TraceParent = change.TraceParent,
        };
        Publication publication = Append(room, draft);
        map.Keep = keep;
        long before = map.Bytes;
        int changesBefore = map.Changes.Bytes;
        map.Changes.Add(publication, keep, Clock.Now);
        if (change.Value is { } value)
        {
            MapItem item = map.Put(change.Key, value, publication.Position.Offset);
            Expire(room, item, change.Age is { } age ? Clock.After(age) : MonotonicClock.Never);
        }
        else if (map.Find(change.Key) is { } item)
        {
            Expire(room, item, MonotonicClock.Never);
            map.Remove(item, publication.Position.Offset);
        }

        map.Forget();
        Interlocked.Add(ref _mapBytes, map.Bytes - before);
        Interlocked.Add(ref _historyBytes, map.Changes.Bytes - changesBefore);
        Tell(room, publication);
        if (room.Subscribers.Length == 0 && map.Count == 0)
        {
            Idle(room, keep.HistoryAge);
        }

        return publication.Position;
    }

    private void Expire(MemoryRoom room, MapItem item, TimeSpan due)
    {
        if (item.Expiry is null && due == MonotonicClock.Never)
        {
            return;
        }

        lock (_expiryGate)
        {
            if (item.Expiry is { } former)
            {
                _expiries.Remove(former);
            }

            item.Expiry = due == MonotonicClock.Never ? null : new MapExpiry(room, item, due, ++_expiryNumber);
            if (item.Expiry is not null)
            {
                _expiries.Add(item.Expiry);
            }

            SetTimer();
        }
    }

    /// <summary>Wakes when the first key is due. Called under the lock.</summary>
    private void SetTimer()
    {
        if (_expiries.Min is not { } first)
        {
            _expiryTimer?.Dispose();
            _expiryTimer = null;
            return;
        }

        TimeSpan wait = first.Due - Clock.Now;
        wait = wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        // A timer counts milliseconds, and at most 49 days of them.
        wait = TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue));
        _expiryTimer ??= _timeProvider.CreateTimer(
            static store => ((MemoryHubStore)store!).RemoveExpired(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _expiryTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void RemoveExpired()
    {
        while (true)
        {
            MapExpiry? first;
            lock (_expiryGate)
            {
                first = _expiries.Min;
                if (first is null || first.Due > Clock.Now)
                {
                    SetTimer();
                    return;
                }

                _expiries.Remove(first);
            }

            lock (first.Room)
            {
                if (first.Item.Expiry == first)
                {
                    first.Item.Expiry = null;
                    var change = new MapChange(first.Item.Key, Value: null, _timeProvider.GetUtcNow());
                    Append(first.Room, first.Room.Map!, change, first.Room.Map!.Keep);
                }
            }
        }
    }
}
