namespace Longwire.Hubs.Client;

/// <summary>A message of a room.</summary>
/// <typeparam name="T">The application's class.</typeparam>
public readonly record struct RoomMessage<T>
{
    internal RoomMessage(T content, RoomSender sender, DateTimeOffset time, RoomPosition position, bool followsReset)
    {
        Content = content;
        Sender = sender;
        Time = time;
        Position = position;
        FollowsReset = followsReset;
    }

    /// <summary>The message's content.</summary>
    public T Content { get; }

    /// <summary>Where it came from.</summary>
    public RoomSender Sender { get; }

    /// <summary>The user that it came from; null for the application.</summary>
    public string? UserId => Sender.UserId;

    /// <summary>The name of the user that it came from; null for the application.</summary>
    public string? Username => Sender.Username;

    /// <summary>When the hub published it.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Its place in the room's order; the default for what was sent and not published.</summary>
    public RoomPosition Position { get; }

    /// <summary>Whether something may be missing between the message before and this one: see <see cref="HubClientRoom.Reset"/>.</summary>
    public bool FollowsReset { get; }
}
