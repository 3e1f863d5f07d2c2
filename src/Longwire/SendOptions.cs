namespace Longwire;

/// <summary>How one message is sent, where that differs from what the connection's options say.</summary>
public readonly record struct SendOptions
{
    /// <summary>
    /// The behaviour when the send queue is full; null for what the connection's options say. Under
    /// <see cref="SendQueueFullMode.DropOldest"/> only messages that were sent with the same mode here make room; where that is not enough,
    /// this message is not taken.
    /// </summary>
    public SendQueueFullMode? WhenFull { get; init; }

    /// <summary>
    /// Under <see cref="SendQueueFullMode.DropOldest"/>, messages with the same key make room first. Default: null, no message is
    /// preferred.
    /// </summary>
    public string? ReplaceKey { get; init; }

    /// <summary>For a stream in which only the newest of each key counts: older ones make room for it when the queue is full.</summary>
    /// <param name="replaceKey">The key.</param>
    public static SendOptions Latest(string replaceKey) => new() { WhenFull = SendQueueFullMode.DropOldest, ReplaceKey = replaceKey };
}
