using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <content>The rooms of users, which their accounts open and close.</content>
internal sealed partial class RoomRegistry
{
    /// <summary>
    /// Rooms of users that were closed, while the engine is being told; a task that is over stands for one that could not be told.
    /// </summary>
    private readonly ConcurrentDictionary<string, Task> _ownClosing = new(StringComparer.Ordinal);

    /// <summary>
    /// Opens the room of a user who is on this node. Its account sees to it that there is one at a time, and closes it with
    /// <see cref="CloseOwnAsync"/>. <see cref="SubscribeOwnAsync"/> follows.
    /// </summary>
    /// <param name="name">The room's name.</param>
    /// <param name="before">Where it stands, as far as the node knows.</param>
    public Room OpenOwn(string name, RoomPosition? before)
    {
        var room = new Room(node, name, node.Settings.OwnRooms);
        room.TryHold(out _);
        if (before is { } position)
        {
            room.BeginAfter(position);
        }

        _rooms[name] = room;
        return room;
    }

    /// <summary>Has the engine subscribe to the room of a user. Never fails: what the engine could not be told is tried again.</summary>
    public Task SubscribeOwnAsync(Room room)
    {
        return room.Asked = AskAsync();

        async Task AskAsync()
        {
            if (_ownClosing.TryGetValue(room.Name, out Task? closing))
            {
                await closing.ConfigureAwait(false);
                _ownClosing.TryRemove(KeyValuePair.Create(room.Name, closing));
            }

            await TrySubscribeAsync(room, log: true).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the room of a user, who has no session on this node any more. Never fails.</summary>
    /// <param name="room">The room; null does nothing.</param>
    public async ValueTask CloseOwnAsync(Room? room)
    {
        if (room is null)
        {
            return;
        }

        // At once, so that nobody finds it any more, and in that order for the engine.
        TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _ownClosing[room.Name] = closing.Task;
        _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
        await room.Asked.ConfigureAwait(false);
        await UnsubscribeOwnAsync(room.Name, closing, log: true).ConfigureAwait(false);
    }

    private async ValueTask<bool> UnsubscribeOwnAsync(string name, TaskCompletionSource closing, bool log)
    {
        try
        {
            await node.Engine.Publications.UnsubscribeAsync(name, CancellationToken.None).ConfigureAwait(false);
            _ownClosing.TryRemove(KeyValuePair.Create(name, closing.Task));
            return true;
        }
        catch (Exception exception)
        {
            if (log)
            {
                node.Log.LeaveOwed(exception, "unsubscribe");
            }

            return false;
        }
        finally
        {
            closing.SetResult();
        }
    }
}
