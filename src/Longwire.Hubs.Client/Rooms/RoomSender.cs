namespace Longwire.Hubs.Client;

/// <summary>Where a room's message came from.</summary>
/// <param name="UserId">The user; null for the application.</param>
/// <param name="Username">The user's name; null for the application.</param>
public readonly record struct RoomSender(string? UserId, string? Username);
