namespace Longwire.Hubs.Engines;

/// <summary>A room that a session is a member of.</summary>
/// <param name="Name">The room's name.</param>
/// <param name="Member">The member, as presence shows it.</param>
public sealed record SessionRoom(string Name, RoomMember Member);
