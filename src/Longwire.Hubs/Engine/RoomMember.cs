using System.Text.Json;

namespace Longwire.Hubs.Engines;

/// <summary>One session's membership of a room, as presence shows it.</summary>
/// <param name="ClientId">The session's client id.</param>
/// <param name="UserId">The user's id.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Metadata">The metadata that the application shows about the user; null for none.</param>
public sealed record RoomMember(string ClientId, string UserId, string Username, JsonElement? Metadata)
{
    // Most have none, and there is a member for each session in each room.
    private readonly object? _metadata = Metadata;

    /// <summary>The metadata that the application shows about the user; null for none.</summary>
    public JsonElement? Metadata
    {
        get => (JsonElement?)_metadata;
        init => _metadata = value;
    }
}
