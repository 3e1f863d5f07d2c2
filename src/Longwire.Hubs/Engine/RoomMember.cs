using System.Text.Json;

namespace Longwire.Hubs.Engines;

/// <summary>One session's membership of a room, as presence shows it.</summary>
/// <param name="ClientId">The session's client id.</param>
/// <param name="UserId">The user's id.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Metadata">The metadata that the application shows about the user; null for none.</param>
public sealed record RoomMember(string ClientId, string UserId, string Username, JsonElement? Metadata)
{
    // There is a member for each session in each room, and most have no metadata and were never on another node.
    private readonly object? _more = Metadata;

    /// <summary>The metadata that the application shows about the user; null for none.</summary>
    public JsonElement? Metadata
    {
        get => _more is Moved moved ? moved.Metadata : (JsonElement?)_more;
        init => _more = _more is Moved moved ? moved with { Metadata = value } : value;
    }

    /// <summary>
    /// The session's generation when it became a member here. Of two nodes that have it as theirs the one with the later generation is
    /// right. Default: 1.
    /// </summary>
    public long Generation
    {
        get => _more is Moved moved ? moved.Generation : 1;
        init => _more = value > 1 ? new Moved(Metadata, value) : Metadata;
    }

    private sealed record Moved(JsonElement? Metadata, long Generation);
}
