namespace Longwire.Hubs.Client;

/// <summary>Up to where the client's user has read.</summary>
/// <param name="Offset">The offset of the marker; 0 when nothing was read.</param>
/// <param name="Unread">How many messages are behind it, as far as the client knows.</param>
public readonly record struct RoomUnread(long Offset, long Unread);
