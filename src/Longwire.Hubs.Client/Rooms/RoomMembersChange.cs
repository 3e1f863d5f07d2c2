namespace Longwire.Hubs.Client;

/// <summary>A user has come into a room, or left it. Immutable.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Joined">Whether the user has come.</param>
/// <param name="Members">How many sessions are in the room now.</param>
public sealed record RoomMembersChange(string UserId, string Username, bool Joined, int Members);
