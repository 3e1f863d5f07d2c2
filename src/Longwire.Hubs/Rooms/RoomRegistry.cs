using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>
/// The rooms that have members on this node. A room comes with its first member and goes with its last. Leaving never fails: what the
/// engine could not be told is owed, and tried again until it succeeds or a new member makes it void.
/// </summary>
internal sealed class RoomRegistry(Hub hub, IHubEngine engine)
{
    private static readonly TimeSpan _firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    /// <summary>Rooms that were given up, but that the engine still takes for subscribed.</summary>
    private readonly ConcurrentDictionary<string, Room> _owed = new(StringComparer.Ordinal);

    /// <summary>Held while an owed leave is tried again, so that it can't overtake a new join of the same client.</summary>
    private readonly SemaphoreSlim _leaving = new(1);
    private bool _retrying;
    private TimeSpan _retryDelay = _firstRetry;
    private TimeSpan _retryAt;

    public int Count => _rooms.Count;

    /// <summary>Whether the engine has still to be told that rooms or members are gone.</summary>
    public bool IsOwing => !_owed.IsEmpty || Volatile.Read(ref _retrying) || _rooms.Any(static entry => entry.Value.OwesLeaves);

    public Room? Find(string name) => _rooms.GetValueOrDefault(name);

    /// <summary>Holds the room named, subscribed; or says why not. What it holds has to go to <see cref="LeaveAsync"/> once.</summary>
    public async ValueTask<(Room? Room, HubError? Error)> EnterAsync(string name, RoomOptions options)
    {
        while (true)
        {
            if (!_rooms.TryGetValue(name, out Room? room))
            {
                if (_rooms.Count >= hub.Settings.MaxRooms)
                {
                    return (null, HubError.Forbidden with { Message = "Too many rooms" });
                }

                room = _rooms.GetOrAdd(name, new Room(hub, name, options));
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
            await engine.LeaveAsync(room.Name, member, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            hub.Log.LeaveOwed(exception, "leave");
            room.OweLeave(member);
        }

        await ExitAsync(room).ConfigureAwait(false);
    }

    /// <summary>A client is about to join a room: what is owed of its leaving is void from here on.</summary>
    public async ValueTask CancelLeaveAsync(Room room, string clientId)
    {
        if (!room.OwesLeave(clientId))
        {
            return;
        }

        await _leaving.WaitAsync().ConfigureAwait(false);
        try
        {
            room.ForgetLeave(clientId);
        }
        finally
        {
            _leaving.Release();
        }
    }

    /// <summary>Tries again what is owed, when it is time. The hub's clock calls this every second; returns at once.</summary>
    public void RetryOwed(TimeSpan now)
    {
        if (now < _retryAt || Volatile.Read(ref _retrying))
        {
            return;
        }

        if (IsOwing)
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

        foreach ((string _, Room room) in _rooms)
        {
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
        await _leaving.WaitAsync().ConfigureAwait(false);
        try
        {
            if (room.OwesLeave(member.ClientId))
            {
                await engine.LeaveAsync(room.Name, member, CancellationToken.None).ConfigureAwait(false);
                room.ForgetLeave(member.ClientId);
            }

            return true;
        }
        catch (Exception exception)
        {
            if (log)
            {
                hub.Log.LeaveOwed(exception, "leave");
            }

            return false;
        }
        finally
        {
            _leaving.Release();
        }
    }

    private async ValueTask ExitAsync(Room room)
    {
        if (room.Release())
        {
            await GiveUpAsync(room, log: true).ConfigureAwait(false);
            hub.Metrics.RoomClosed();
        }
    }

    /// <summary>Unsubscribes a room that nobody holds. False when the engine could not be told: that is owed then.</summary>
    private async ValueTask<bool> GiveUpAsync(Room room, bool log)
    {
        bool done = true;
        try
        {
            await engine.UnsubscribeAsync(room.Name, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            done = false;
            _owed[room.Name] = room;
            if (log)
            {
                hub.Log.LeaveOwed(exception, "unsubscribe");
            }
        }

        _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
        room.OnClosed();
        return done;
    }

    private async ValueTask SubscribeAsync(Room room, bool first)
    {
        try
        {
            if (!first)
            {
                await room.Subscribed.ConfigureAwait(false);
                return;
            }

            hub.Metrics.RoomOpened();
            if (_owed.TryRemove(room.Name, out Room? previous))
            {
                // It stays subscribed, and with it the members whose leaving failed.
                room.TakeOverLeaves(previous);
            }

            try
            {
                room.OnSubscribed(await engine.SubscribeAsync(room.Name, hub.Stopping).ConfigureAwait(false));
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
}
