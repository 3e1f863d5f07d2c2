namespace Longwire;

/// <summary>A ping that waits for its pong. Guarded by the connection's send lock.</summary>
internal sealed class SentPing
{
    /// <summary>The ping behind it.</summary>
    public SentPing? Next;

    /// <summary>The caller's wait; null where only the connection itself asks.</summary>
    public TaskCompletionSource<TimeSpan>? Pong;

    /// <summary>When it was sent, on the connection's time provider.</summary>
    public long Timestamp;

    /// <summary>The bytes that the peer had taken at the last look.</summary>
    public long Taken;

    /// <summary>Its payload.</summary>
    public uint Number;

    /// <summary>Whether something was sent before it that the peer may not have taken yet.</summary>
    public bool IsBehind;
}
