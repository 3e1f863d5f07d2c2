using System.Text.Json;

namespace Longwire.Hubs.Engines;

/// <summary>A user among the members of a room.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Connections">How many of the user's sessions are members, on all nodes; 0 when the user has left.</param>
/// <param name="Metadata">The metadata shown about the user; null for none.</param>
/// <param name="Version">The number of the change of the room's presence by which it became so.</param>
public sealed record PresenceEntry(string UserId, string Username, int Connections, JsonElement? Metadata, long Version);
