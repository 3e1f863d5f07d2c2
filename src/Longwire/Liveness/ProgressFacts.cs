namespace Longwire;

/// <summary>The facts about a connection for <see cref="Progress"/>.</summary>
internal readonly ref struct ProgressFacts
{
    public required WebSocketTransport Transport { get; init; }

    /// <summary>The least rate, in bytes per second; 0 for none.</summary>
    public required int MinDataRate { get; init; }

    /// <summary>Whether something waits that the transport has not taken yet.</summary>
    public required bool IsLeaving { get; init; }

    /// <summary>Whether this side has closed, and waits for its Close to arrive.</summary>
    public required bool IsCloseSent { get; init; }

    /// <summary>Whether the times of closing run.</summary>
    public required bool IsClosing { get; init; }

    /// <summary>Whether the peer may go on sending, and the application lets it.</summary>
    public required bool MayArrive { get; init; }
}
