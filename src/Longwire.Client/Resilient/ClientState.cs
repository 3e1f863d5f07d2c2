namespace Longwire.Client;

/// <summary>Where a client that stays up stands.</summary>
public enum ClientState : byte
{
    /// <summary>Not started: nothing was asked for yet.</summary>
    Idle,

    /// <summary>An attempt is under way.</summary>
    Connecting,

    /// <summary>Messages go both ways.</summary>
    Open,

    /// <summary>The client waits for its next attempt.</summary>
    Reconnecting,

    /// <summary>For good: nothing reconnects by itself any more.</summary>
    Closed,
}
