namespace Longwire.Hubs.Client;

/// <summary>The requests that go along with joining a room.</summary>
public sealed record JoinOptions
{
    /// <summary>
    /// How many of the newest messages to have first; they go where all messages go. It counts for the first join only. Default 0.
    /// </summary>
    public int History { get; set; }

    /// <summary>Whether to have the room's state. Default false.</summary>
    public bool State { get; set; }

    /// <summary>Whether to follow the room's live map: see <see cref="HubClientRoom.Map{T}"/>. Default false.</summary>
    public bool Map { get; set; }

    /// <summary>Whether to follow who is in the room: see <see cref="HubClientRoom.Users"/>. Default false.</summary>
    public bool Presence { get; set; }
}
