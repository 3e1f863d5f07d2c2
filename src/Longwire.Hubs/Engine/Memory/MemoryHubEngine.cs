using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Longwire.Hubs;

/// <summary>
/// The engine within one process: the default, and the reference the others are measured by. Everything completes
/// synchronously. A room that nobody subscribes to is forgotten, unless it keeps history: then it stays until the history's age
/// has passed, at most <see cref="MaxIdleRooms"/> of them.
/// </summary>
public sealed class MemoryHubEngine : IHubEngine
{
    /// <summary>How many rooms with history, but without members, are kept: 10,000. The one idle for longest goes first.</summary>
    public const int MaxIdleRooms = 10_000;

    private const long DefaultMaxHistoryBytes = 256 * 1024 * 1024;

    private readonly MonotonicClock _clock;
    private readonly long _maxHistoryBytes;
    private long _historyBytes;
    private readonly Action<Span<byte>> _fillRandom;
    private readonly ConcurrentDictionary<string, MemoryRoom> _rooms = new(StringComparer.Ordinal);
    private readonly Lock _idleGate = new();
    private readonly Queue<(MemoryRoom Room, int Stamp, TimeSpan Due)> _idle = new();
    private IHubEngineReceiver? _receiver;

    /// <summary>Creates the engine.</summary>
    /// <param name="timeProvider">The clock for the age of history. Default: the system's.</param>
    /// <param name="fillRandom">Fills bytes for the names of epochs. Default: the system's cryptographic source.</param>
    /// <param name="maxHistoryBytes">
    /// How many bytes the history of all rooms may take. Beyond that, rooms without members are forgotten, the one idle for longest first;
    /// then a room that is published in gives up its oldest publications. Default: 256 MiB.
    /// </param>
    public MemoryHubEngine(
        TimeProvider? timeProvider = null,
        Action<Span<byte>>? fillRandom = null,
        long maxHistoryBytes = DefaultMaxHistoryBytes
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHistoryBytes);
        _maxHistoryBytes = maxHistoryBytes;
        _clock = new MonotonicClock(timeProvider ?? TimeProvider.System);
        _fillRandom = fillRandom ?? RandomNumberGenerator.Fill;
    }

    /// <summary>How many bytes the history of all rooms takes.</summary>
    internal long HistoryBytes => Volatile.Read(ref _historyBytes);

    private IHubEngineReceiver Receiver => _receiver ?? throw new InvalidOperationException("The engine has not been started.");

    /// <inheritdoc/>
    public ValueTask StartAsync(IHubEngineReceiver receiver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (Interlocked.CompareExchange(ref _receiver, receiver, null) is not null)
        {
            throw new InvalidOperationException("The engine has been started already.");
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken)
    {
        using Entered entered = Enter(room);
        entered.Room.Subscribed = true;
        return new(entered.Room.Position);
    }

    /// <inheritdoc/>
    public ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken)
    {
        using (Entered entered = Enter(room))
        {
            entered.Room.Subscribed = false;
            entered.Room.Members.Clear();
            entered.Room.Users.Clear();
            Idle(entered.Room);
        }

        ForgetIdleRooms();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<RoomPosition> PublishAsync(string room, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        RoomPosition position;
        bool subscribed;
        using (Entered entered = Enter(room))
        {
            MemoryRoom state = entered.Room;
            state.Offset++;
            position = state.Position;
            subscribed = state.Subscribed;
            var publication = new Publication(position, json);
            if (state.History is { } history)
            {
                int before = history.Bytes;
                history.Add(publication, _clock.Now);
                Interlocked.Add(ref _historyBytes, history.Bytes - before);
            }

            if (subscribed)
            {
                // Told under the lock: offsets are in delivery order for everybody.
                Receiver.OnPublication(room, publication);
            }
            else
            {
                Idle(state);
            }
        }

        if (!subscribed || HistoryBytes > _maxHistoryBytes)
        {
            ForgetIdleRooms();
            if (HistoryBytes > _maxHistoryBytes)
            {
                ForgetOldest(room);
            }
        }

        return new(position);
    }

    /// <inheritdoc/>
    public ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken)
    {
        if (!_rooms.TryGetValue(room, out MemoryRoom? state))
        {
            return new(new HistoryPage(new RoomPosition(NewEpoch(), 0), []));
        }

        lock (state.Gate)
        {
            if (state.History is { } history)
            {
                int before = history.Bytes;
                history.Trim(_clock.Now);
                Interlocked.Add(ref _historyBytes, history.Bytes - before);
            }

            return new(new HistoryPage(state.Position, state.History?.Read(query) ?? []));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> JoinAsync(string room, RoomMember member, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(member);
        using Entered entered = Enter(room);
        Dictionary<string, RoomMember> members = entered.Room.Members;
        if (members.TryAdd(member.ClientId, member))
        {
            int ofUser = CollectionsMarshal.GetValueRefOrAddDefault(entered.Room.Users, member.UserId, out _)++;
            Receiver.OnMembership(room, new MembershipChange(member, Joined: true, members.Count, IsFirstOrLastOfUser: ofUser == 0));
        }

        return new(members.Count);
    }

    /// <inheritdoc/>
    public ValueTask<int> LeaveAsync(string room, RoomMember member, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(member);
        using Entered entered = Enter(room);
        Dictionary<string, RoomMember> members = entered.Room.Members;
        if (members.Remove(member.ClientId, out RoomMember? left))
        {
            int ofUser = --CollectionsMarshal.GetValueRefOrAddDefault(entered.Room.Users, left.UserId, out _);
            if (ofUser == 0)
            {
                entered.Room.Users.Remove(left.UserId);
            }

            Receiver.OnMembership(room, new MembershipChange(member, Joined: false, members.Count, IsFirstOrLastOfUser: ofUser == 0));
        }

        return new(members.Count);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RoomMember>> ReadMembersAsync(string room, int limit, CancellationToken cancellationToken)
    {
        if (!_rooms.TryGetValue(room, out MemoryRoom? state))
        {
            return new([]);
        }

        lock (state.Gate)
        {
            return new([.. state.Members.Values.Take(limit)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask SignalAsync(HubSignal signal, CancellationToken cancellationToken)
    {
        Receiver.OnSignal(signal);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _rooms.Clear();
        return default;
    }

    /// <summary>Finds or makes the room and takes its lock.</summary>
    private Entered Enter(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        while (true)
        {
            if (!_rooms.TryGetValue(name, out MemoryRoom? room))
            {
                room = _rooms.GetOrAdd(name, new MemoryRoom(name, NewEpoch(), Receiver.GetRoomOptions(name)));
            }

            room.Gate.Enter();
            if (!room.Removed)
            {
                return new Entered(room);
            }

            room.Gate.Exit();
        }
    }

    private string NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[8];
        _fillRandom(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The room has no subscriber: forgets it now when nothing is kept of it, else later. Called under the room's lock.</summary>
    private void Idle(MemoryRoom room)
    {
        if (room.History is null or { Count: 0 })
        {
            Remove(room);
            return;
        }

        room.IdleStamp++;
        lock (_idleGate)
        {
            _idle.Enqueue((room, room.IdleStamp, _clock.After(room.HistoryAge)));
        }
    }

    private void ForgetIdleRooms()
    {
        while (true)
        {
            (MemoryRoom Room, int Stamp, TimeSpan Due) oldest;
            lock (_idleGate)
            {
                bool isCrowded = _idle.Count > MaxIdleRooms || HistoryBytes > _maxHistoryBytes;
                if (!_idle.TryPeek(out oldest) || (!isCrowded && oldest.Due > _clock.Now))
                {
                    return;
                }

                _idle.Dequeue();
            }

            lock (oldest.Room.Gate)
            {
                if (!oldest.Room.Subscribed && oldest.Room.IdleStamp == oldest.Stamp)
                {
                    Remove(oldest.Room);
                }
            }
        }
    }

    /// <summary>All rooms that keep history have members, and there is too much of it: the one published in gives up its oldest.</summary>
    private void ForgetOldest(string name)
    {
        if (!_rooms.TryGetValue(name, out MemoryRoom? room))
        {
            return;
        }

        lock (room.Gate)
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
            Interlocked.Add(ref _historyBytes, -(room.History?.Bytes ?? 0));
        }

        room.Removed = true;
        _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
    }

    private readonly ref struct Entered(MemoryRoom room)
    {
        public MemoryRoom Room { get; } = room;

        public void Dispose() => Room.Gate.Exit();
    }
}
