namespace Longwire.Hubs;

/// <summary>Up to where users have read.</summary>
internal sealed class MarkerRequests(Hub hub, IUserStore users)
{
    /// <summary>Whether a room keeps markers.</summary>
    public static bool IsKept(Room room) => room.Settings.HasReadMarkers && room.Name != RoomNames.All;

    /// <summary>Moves the marker of a client's user.</summary>
    public ValueTask Read(HubSession session, in ClientMessage message)
    {
        if (
            !hub.RoomRequests.TryGetRoomName(message, out string name)
            || !message.TryGetString(message.Epoch, ClientMessage.MaxIdLength, out string epoch)
            || !message.TryGetCount(message.Offset, out long offset)
        )
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (name == RoomNames.Me)
        {
            return hub.Settings.OwnRooms.HasReadMarkers
                ? MarkAsync(session, session.OwnRoomName(), new RoomPosition(epoch, offset), message.Id)
                : hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (RoomNames.IsOwn(name))
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return hub.Dispatcher.Refuse(session, hub.RoomRequests.NotAMember(name), message.Id);
        }

        return IsKept(membership.Room)
            ? MarkAsync(session, name, new RoomPosition(epoch, offset), message.Id)
            : hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
    }

    /// <summary>The marker of a session's user, and how many messages there are behind it up to an offset.</summary>
    public ValueTask<ReadMarker> FindAsync(HubSession session, string room, long upTo) =>
        users.FindMarkerAsync(room, session.Identity!.UserId, upTo, hub.Stopping);

    /// <summary>A user has said something, and so has read up to it. Never fails: the message is published.</summary>
    public async ValueTask OnPublishedAsync(HubSession session, string room, RoomPosition position)
    {
        if (RoomNames.IsOwn(room) || hub.Rooms.Find(room) is not { } known || !IsKept(known))
        {
            return;
        }

        try
        {
            await users.MarkReadAsync(room, session.Identity!.UserId, position, hub.Stopping).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            hub.Log.EngineUnavailable(exception, "read");
        }
    }

    private async ValueTask MarkAsync(HubSession session, string room, RoomPosition position, string? id)
    {
        string user = session.Identity!.UserId;
        if (await users.MarkReadAsync(room, user, position, hub.Stopping).ConfigureAwait(false) is not { } marker)
        {
            await hub.Dispatcher.Refuse(session, HubError.Stale, id).ConfigureAwait(false);
            return;
        }

        string shown = RoomNames.Shown(room);
        if (id is not null)
        {
            session.Answer(ServerMessages.Read(shown, epoch: null, marker, id));
        }

        if (marker.HasMoved)
        {
            byte[] told;
            using (JsonBuffer json = ServerMessages.Read(shown, position.Epoch, marker, id: null))
            {
                told = json.End().ToArray();
            }

            await hub.SendToUserAsync(user, told, session.ClientId, hub.Stopping).ConfigureAwait(false);
        }
    }
}
