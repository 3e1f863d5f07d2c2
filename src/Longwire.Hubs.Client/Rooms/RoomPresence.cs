using System.Text.Json;

namespace Longwire.Hubs.Client;

/// <summary>A user in a room. Immutable.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Connections">How many of the user's sessions are in the room.</param>
/// <param name="Metadata">The metadata that the application shows about the user.</param>
public sealed record RoomPresence(string UserId, string Username, int Connections, JsonElement Metadata);
