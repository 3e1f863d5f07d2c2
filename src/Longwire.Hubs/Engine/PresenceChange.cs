namespace Longwire.Hubs.Engines;

/// <summary>A session joined or left a room, on any node.</summary>
/// <param name="Version">Counts the room's changes.</param>
/// <param name="Member">Who.</param>
/// <param name="Joined">True for a join, false for a leave.</param>
/// <param name="Members">How many members the room has after it, on all nodes.</param>
/// <param name="IsFirstOrLastOfUser">
/// Whether the user came or went with it: no other session of the user is a member, on any node. Only then others are told.
/// </param>
public readonly record struct PresenceChange(long Version, RoomMember Member, bool Joined, int Members, bool IsFirstOrLastOfUser);
