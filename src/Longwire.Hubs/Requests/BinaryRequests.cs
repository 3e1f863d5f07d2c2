namespace Longwire.Hubs;

/// <summary>Binary messages: the room's handler takes them, or they are published.</summary>
internal sealed class BinaryRequests(Hub hub)
{
    public ValueTask Handle(HubSession session, ReadOnlySpan<byte> message)
    {
        int maxLength = hub.Settings.MaxRoomNameLength;
        if (
            !BinaryMessages.TryRead(message, maxLength, out string room, out string idText, out ReadOnlySpan<byte> payload)
            || !Names.TryNormalize(room, maxLength, out room)
        )
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, id: null);
        }

        string? id = idText.Length == 0 ? null : idText;
        if (RoomNames.IsOwn(room))
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, id);
        }

        if (session.FindMembership(room) is not { } membership)
        {
            return hub.Dispatcher.Refuse(session, hub.RoomRequests.NotAMember(room), id);
        }

        return membership.Room.Settings.Endpoint is { TakesBytes: true } endpoint
            ? hub.TypedRequests!.HandleBinaryAsync(session, room, endpoint, id, payload.ToArray())
            : hub.MessageRequests.Publish(session, membership, ContentKind.Binary, payload, id);
    }
}
