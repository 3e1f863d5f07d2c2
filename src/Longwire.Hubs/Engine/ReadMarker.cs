namespace Longwire.Hubs.Engines;

/// <summary>Up to where a user has read in a room.</summary>
/// <param name="Offset">The offset of the marker; 0 when nothing was read.</param>
/// <param name="Unread">How many messages are behind it. Changes of the room's map do not count.</param>
public readonly record struct ReadMarker(long Offset, long Unread)
{
    /// <summary>Whether the marker has moved.</summary>
    public bool HasMoved { get; init; }
}
