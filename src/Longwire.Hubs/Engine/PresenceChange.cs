namespace Longwire.Hubs.Engines;

/// <summary>A change of the members of a room.</summary>
/// <param name="Kind">Whether a session has joined or left, or a user's metadata is another.</param>
/// <param name="Member">The session's membership.</param>
/// <param name="User">The user as it is from here on. Its version counts the room's changes, one by one.</param>
/// <param name="Members">How many members the room has after it, on all nodes.</param>
/// <param name="Users">How many users these are.</param>
public readonly record struct PresenceChange(PresenceChangeKind Kind, RoomMember Member, PresenceEntry User, int Members, int Users)
{
    /// <summary>
    /// Whether the user came or went with it: no other session of the user is a member, on any node. Only then others are told.
    /// </summary>
    public bool IsFirstOrLastOfUser =>
        Kind switch
        {
            PresenceChangeKind.Joined => User.Connections == 1,
            PresenceChangeKind.Left => User.Connections == 0,
            _ => false,
        };
}
