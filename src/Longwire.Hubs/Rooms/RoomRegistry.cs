using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>The rooms that have members on this node. A room comes with its first member and goes with its last.</summary>
internal sealed class RoomRegistry(Hub hub, IHubEngine engine)
{
    private readonly ConcurrentDictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    public int Count => _rooms.Count;

    public Room? Find(string name) => _rooms.GetValueOrDefault(name);

    /// <summary>Holds the room named, subscribed; or says why not. What it holds has to go to <see cref="ExitAsync"/> once.</summary>
    public async ValueTask<(Room? Room, HubError? Error)> EnterAsync(string name, RoomOptions options)
    {
        while (true)
        {
            if (!_rooms.TryGetValue(name, out Room? room))
            {
                if (_rooms.Count >= hub.Options.MaxRooms)
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

    /// <summary>Lets go of a room. The last one to do so gives it up.</summary>
    public async ValueTask ExitAsync(Room room)
    {
        if (!room.Release())
        {
            return;
        }

        try
        {
            await engine.UnsubscribeAsync(room.Name, hub.Stopping).ConfigureAwait(false);
        }
        finally
        {
            _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
            hub.Metrics.RoomClosed();
            room.OnClosed();
        }
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
