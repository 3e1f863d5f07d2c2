namespace Longwire.Client;

/// <summary>The treatment of a message when the outbox is full.</summary>
public enum OutboxFullMode : byte
{
    /// <summary>The caller waits until there is room.</summary>
    Wait,

    /// <summary>The call fails with <see cref="OutboxFullException"/>.</summary>
    Fail,

    /// <summary>The oldest messages that wait make room, and <see cref="ResilientWebSocket.Discarded"/> tells of them.</summary>
    DropOldest,
}
