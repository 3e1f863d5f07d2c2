using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>
/// The rooms that have members on this node. A room comes with its first member and goes with its last. Leaving never fails: what the
/// engine could not be told is owed, and tried again until it succeeds or a new member makes it void.
/// </summary>
internal sealed partial class RoomRegistry(NodeContext node)
{
    private const int VerificationSeconds = 60;

    private static readonly TimeSpan _firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    /// <summary>Rooms that were given up, but that the engine still takes for subscribed.</summary>
    private readonly ConcurrentDictionary<string, Room> _owed = new(StringComparer.Ordinal);

    /// <summary>Held while an owed leave is tried again, so that it can't overtake a new join of the same client.</summary>
    private readonly SemaphoreSlim _leaving = new(1);
    private int _count;
    private bool _retrying;
    private TimeSpan _retryDelay = _firstRetry;
    private TimeSpan _retryAt;

    /// <summary>How many there are that aren't the hub's own.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the engine has still to be told that rooms or members are gone, or that rooms of the hub's own are there.</summary>
    public bool IsOwing =>
        !_owed.IsEmpty
        || !_ownClosing.IsEmpty
        || Volatile.Read(ref _retrying)
        || _rooms.Any(static entry => entry.Value is { OwesLeaves: true } or { IsSubscriptionOwed: true });

    /// <summary>All of them, the hub's own included.</summary>
    public IEnumerable<Room> All => _rooms.Select(static entry => entry.Value);

    public Room? Find(string name) => _rooms.GetValueOrDefault(name);

    /// <summary>Holds the room named, subscribed; or says why not. Each hold is given back by one <see cref="LeaveAsync"/>.</summary>
    public async ValueTask<(Room? Room, HubError? Error)> EnterAsync(string name, RoomOptions options)
    {
        while (true)
        {
            if (!_rooms.TryGetValue(name, out Room? room))
            {
                bool isOwn = RoomNames.IsOwn(name);
                if (!isOwn && Count >= node.Settings.MaxRooms)
                {
                    return (null, HubError.Forbidden with { Message = "Too many rooms" });
                }

                var added = new Room(node, name, options);
                room = _rooms.GetOrAdd(name, added);
                if (room == added && !isOwn)
                {
                    Interlocked.Increment(ref _count);
                    room.Trace = node.Traces.OfRoom(name);
                }
            }

            switch (room.TryHold(out bool first))
            {
                case Room.HoldResult.Full:
                    return (null, HubError.Forbidden with { Message = "Room is full" });
                case Room.HoldResult.Closing:
                    await room.Closed.ConfigureAwait(false);
                    continue;
                default:
                    await SubscribeAsync(room, first).ConfigureAwait(false);
                    return (room, null);
            }
        }
    }

    /// <summary>Takes a member out of a room and lets go of it. The last one to do so gives the room up. Never fails.</summary>
    public async ValueTask LeaveAsync(Room room, RoomMember member)
    {
        try
        {
            ValueTask<int> removing;
            using (FanOutScope.Call())
            {
                removing = node.Engine.Presence.RemoveAsync(room.Name, [member], CancellationToken.None);
            }

            await removing.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            node.Log.LeaveOwed(exception, "leave");
            room.OweLeave(member);
        }

        await ExitAsync(room).ConfigureAwait(false);
    }

    /// <summary>Lets go of a room in which nobody is a member. Never fails.</summary>
    public async ValueTask ExitAsync(Room room)
    {
        if (room.Release())
        {
            await GiveUpAsync(room, log: true).ConfigureAwait(false);
            CountClosed(room);
        }
    }

    /// <summary>
    /// A client is about to join a room: what is owed of its leaving is void from here on, unless it left as another user. A session that
    /// its node hears of late, since it has had a later generation and lost it, voids nothing.
    /// </summary>
    public async ValueTask CancelLeaveAsync(Room room, RoomMember member)
    {
        if (room.FindOwedLeave(member.ClientId) is null)
        {
            return;
        }

        await _leaving.WaitAsync().ConfigureAwait(false);
        try
        {
            if (room.FindOwedLeave(member.ClientId) is { } former && former.Generation <= member.Generation)
            {
                if (former.UserId != member.UserId)
                {
                    await node.Engine.Presence.RemoveAsync(room.Name, [former], CancellationToken.None).ConfigureAwait(false);
                }

                room.ForgetLeave(former);
            }
        }
        finally
        {
            _leaving.Release();
        }
    }

    /// <summary>The engine is back: what was missed is read.</summary>
    public void VerifyAll()
    {
        foreach ((string _, Room room) in _rooms)
        {
            room.Verify();
        }
    }

    /// <summary>The hub's clock calls this every second: tries again what is owed, and looks for gaps. Returns at once.</summary>
    public void OnClock(TimeSpan now)
    {
        bool isChecked = !node.Engine.Publications.DeliversWithoutGaps;
        int turn = (int)(now.Ticks / TimeSpan.TicksPerSecond % VerificationSeconds);
        foreach ((string name, Room room) in _rooms)
        {
            room.RepairAgain(now);
            if (isChecked && (uint)name.GetHashCode(StringComparison.Ordinal) % VerificationSeconds == turn)
            {
                room.Verify();
            }
        }

        if (now >= _retryAt && !Volatile.Read(ref _retrying) && IsOwing)
        {
            Volatile.Write(ref _retrying, true);
            _ = RetryAllAsync(now);
        }
    }

    private async Task RetryAllAsync(TimeSpan now)
    {
        bool failed = false;
        foreach ((string name, Room room) in _owed)
        {
            if (!room.Closed.IsCompleted)
            {
                // It is being given up still: whoever waits for that would wait in vain if it began again.
                continue;
            }

            // Where somebody has come meanwhile, the next room of that name takes over what this one owes.
            room.CloseAgain();
            if (_rooms.TryAdd(name, room) && _owed.TryRemove(KeyValuePair.Create(name, room)))
            {
                failed |= !await GiveUpAsync(room, log: !failed).ConfigureAwait(false);
            }
            else
            {
                _rooms.TryRemove(KeyValuePair.Create(name, room));
                room.OnClosed();
            }
        }

        foreach ((string name, Task owed) in _ownClosing)
        {
            TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (owed.IsCompleted && _ownClosing.TryUpdate(name, closing.Task, owed))
            {
                failed |= !await UnsubscribeOwnAsync(name, closing, log: !failed).ConfigureAwait(false);
            }
        }

        foreach ((string _, Room room) in _rooms)
        {
            if (room.IsSubscriptionOwed)
            {
                failed |= !await TrySubscribeAsync(room, log: !failed).ConfigureAwait(false);
            }

            foreach (RoomMember member in room.OwedLeaves())
            {
                failed |= !await RetryLeaveAsync(room, member, log: !failed).ConfigureAwait(false);
            }
        }

        _retryDelay = failed ? TimeSpan.FromTicks(Math.Min(2 * _retryDelay.Ticks, _longestRetry.Ticks)) : _firstRetry;
        _retryAt = now + _retryDelay;
        Volatile.Write(ref _retrying, false);
    }

    private async ValueTask<bool> RetryLeaveAsync(Room room, RoomMember member, bool log)
    {
        // Kept meanwhile, so that no new room takes its place, which the client may join while the old one still removes it.
        if (!room.TryKeep())
        {
            return true;
        }

        await _leaving.WaitAsync().ConfigureAwait(false);
        try
        {
            if (room.FindOwedLeave(member.ClientId) == member)
            {
                await node.Engine.Presence.RemoveAsync(room.Name, [member], CancellationToken.None).ConfigureAwait(false);
                room.ForgetLeave(member);
            }

            return true;
        }
        catch (Exception exception)
        {
            if (log)
            {
                node.Log.LeaveOwed(exception, "leave");
            }

            return false;
        }
        finally
        {
            _leaving.Release();
            await ExitAsync(room).ConfigureAwait(false);
        }
    }

    /// <summary>Unsubscribes a room that nobody holds. False when the engine could not be told: that is owed then.</summary>
    private async ValueTask<bool> GiveUpAsync(Room room, bool log)
    {
        bool done = true;
        try
        {
            await node.Engine.Publications.UnsubscribeAsync(room.Name, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            done = false;
            _owed[room.Name] = room;
            if (log)
            {
                node.Log.LeaveOwed(exception, "unsubscribe");
            }
        }

        _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
        room.OnClosed();
        return done;
    }

    private async ValueTask SubscribeAsync(Room room, bool first)
    {
        bool isOwn = RoomNames.IsOwn(room.Name);
        try
        {
            if (!first)
            {
                await (isOwn ? Task.CompletedTask : room.Subscribed).ConfigureAwait(false);
                return;
            }

            if (!isOwn)
            {
                node.Metrics.RoomOpened();
            }

            if (_owed.TryRemove(room.Name, out Room? previous))
            {
                // It stays subscribed, and with it the members whose leaving failed.
                room.TakeOverLeaves(previous);
            }

            if (isOwn)
            {
                // Clients are let in even while the engine is away.
                await TrySubscribeAsync(room, log: true).ConfigureAwait(false);
                return;
            }

            try
            {
                room.OnSubscribed(await node.Engine.Publications.SubscribeAsync(room.Name, node.Stopping).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                room.OnSubscribeFailed(exception);
                throw;
            }
        }
        catch
        {
            await ExitAsync(room).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<bool> TrySubscribeAsync(Room room, bool log)
    {
        try
        {
            room.IsSubscriptionOwed = false;
            RoomPosition position = await node.Engine.Publications.SubscribeAsync(room.Name, node.Stopping).ConfigureAwait(false);
            room.OnSubscribed(position, heard: room.Name != RoomNames.All && node.Engine.Publications.TellsOfUsers);
            return true;
        }
        catch (Exception exception)
        {
            room.IsSubscriptionOwed = !node.IsStopping;
            if (log && !node.IsStopping)
            {
                node.Log.EngineUnavailable(exception, "subscribe");
            }

            return false;
        }
    }

    private void CountClosed(Room room)
    {
        if (!RoomNames.IsOwn(room.Name))
        {
            Interlocked.Decrement(ref _count);
            node.Metrics.RoomClosed();
        }
    }
}
