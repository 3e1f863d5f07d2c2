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
}
