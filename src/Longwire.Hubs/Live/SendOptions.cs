namespace Longwire.Hubs;

/// <summary>How one message is sent to one member.</summary>
public readonly record struct SendOptions
{
    /// <summary>
    /// What the message is the newest of. It is dropped where the member's queue is full, because a newer one follows; null for a message
    /// that the member must not miss: a full queue then closes the connection with 4008.
    /// </summary>
    public string? ReplaceKey { get; init; }

    /// <summary>For a message of which only the newest counts.</summary>
    /// <param name="key">What it is the newest of.</param>
    public static SendOptions Latest(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return new SendOptions { ReplaceKey = key };
    }
}
