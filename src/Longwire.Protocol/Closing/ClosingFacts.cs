namespace Longwire.Protocol;

/// <summary>The facts about a connection by which the closing half decides what is due.</summary>
internal readonly struct ClosingFacts
{
    public required WebSocketRole Role { get; init; }

    /// <summary>How long the other side may do nothing, in milliseconds; <see cref="long.MaxValue"/> for no limit.</summary>
    public required long CloseTimeout { get; init; }

    /// <summary>When something last came from the peer.</summary>
    public required long LastReceived { get; init; }

    /// <summary>When bytes that wait have waited too long; <see cref="long.MaxValue"/> where their rate is judged instead.</summary>
    public required long LeavingDue { get; init; }

    /// <summary>Whether a flush is under way.</summary>
    public required bool IsFlushing { get; init; }

    /// <summary>Whether a thread works through a read, whose answers leave at its end.</summary>
    public required bool IsReading { get; init; }

    /// <summary>Whether something waits that the transport has not taken yet; so it does during a flush.</summary>
    public required bool IsLeaving { get; init; }

    /// <summary>Whether the application has paused receiving.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Whether a reader has messages left that came before the end, and is waited for.</summary>
    public required bool IsReaderAwaited { get; init; }
}
