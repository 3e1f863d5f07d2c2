namespace Longwire.Hubs;

/// <summary>Up to where users have read.</summary>
internal sealed class MarkerRequests(NodeContext node, RequestedRooms requested, Refusals refusals, RoomRegistry rooms, Publisher publisher)
{
    private readonly IUserStore _users = node.Engine.Users;

    /// <summary>Whether a room keeps markers.</summary>
    public static bool IsKept(Room room) => room.Settings.HasReadMarkers && room.Name != RoomNames.All;

    /// <summary>Moves the marker of a client's user.</summary>
    public ValueTask Read(HubSession session, in ClientMessage message)
    {
        if (
            !requested.TryGetName(message, out string name)
            || !message.TryGetString(message.Epoch, ClientMessage.MaxIdLength, out string epoch)
            || !message.TryGetCount(message.Offset, out long offset)
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (name == RoomNames.Me)
        {
            return node.Settings.OwnRooms.HasReadMarkers
                ? MarkAsync(session, session.OwnRoomName(), new RoomPosition(epoch, offset), message.Id)
                : refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (RoomNames.IsOwn(name))
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return refusals.Refuse(session, requested.NotAMember(name), message.Id);
        }

        return IsKept(membership.Room)
            ? MarkAsync(session, name, new RoomPosition(epoch, offset), message.Id)
            : refusals.Refuse(session, HubError.Forbidden, message.Id);
    }

    /// <summary>The marker of a session's user, and how many messages there are behind it up to an offset.</summary>
    public ValueTask<ReadMarker> FindAsync(HubSession session, string room, long upTo) =>
        _users.FindMarkerAsync(room, session.Identity!.UserId, upTo, node.Stopping);

    /// <summary>A user has said something, and so has read up to it. Never fails: the message is published.</summary>
    public async ValueTask OnPublishedAsync(HubSession session, string room, RoomPosition position)
    {
        if (RoomNames.IsOwn(room) || rooms.Find(room) is not { } known || !IsKept(known))
        {
            return;
        }

        try
        {
            await _users.MarkReadAsync(room, session.Identity!.UserId, position, node.Stopping).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            node.Log.EngineUnavailable(exception, "read");
        }
    }

    private async ValueTask MarkAsync(HubSession session, string room, RoomPosition position, string? id)
    {
        string user = session.Identity!.UserId;
        if (await _users.MarkReadAsync(room, user, position, node.Stopping).ConfigureAwait(false) is not { } marker)
        {
            await refusals.Refuse(session, HubError.Stale, id).ConfigureAwait(false);
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

            // Without a type of its own the draft goes out as it is written here.
            var message = new PublicationDraft("", Sender: null, ContentKind.Json, told, node.Date);
            var command = new NodeCommand(NodeCommandTarget.User, user) { Message = message, ExceptClientId = session.ClientId };
            await publisher.SendAsync(command, node.Stopping).ConfigureAwait(false);
        }
    }
}
