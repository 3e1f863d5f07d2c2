namespace Longwire;

/// <summary>The connection is closed, or closing, so nothing more can be sent or read.</summary>
public sealed class WebSocketClosedException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="status">
    /// The status that the connection closed with; <see cref="CloseStatus.Abnormal"/> when TCP ended without a Close frame.
    /// </param>
    /// <param name="reason">The reason that came with it.</param>
    /// <param name="innerException">The transport's or the handler's error, if there was one.</param>
    public WebSocketClosedException(CloseStatus status, string reason, Exception? innerException = null)
        : base(
            reason.Length == 0
                ? $"The WebSocket connection is closed ({(int)status} {status})."
                : $"The WebSocket connection is closed ({(int)status} {status}: {reason}).",
            innerException
        )
    {
        Status = status;
        Reason = reason;
    }

    /// <summary>The status that the connection closed with.</summary>
    public CloseStatus Status { get; }

    /// <summary>The reason that came with it; empty when there was none.</summary>
    public string Reason { get; }
}
