namespace Longwire;

/// <summary>The facts about a connection for its liveness.</summary>
internal readonly ref struct LivenessFacts
{
    public required WebSocketConnectionOptions Limits { get; init; }

    public required WebSocketTransport Transport { get; init; }

    /// <summary>Whether the application has paused receiving: what the peer sent may then wait unread.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Whether something waits that the transport has not taken yet.</summary>
    public required bool IsLeaving { get; init; }

    /// <summary>When the peer was last seen to take something of what waits; 0 where that isn't watched.</summary>
    public required long LastTaken { get; init; }
}
