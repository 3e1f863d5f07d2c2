namespace Longwire.Hubs;

/// <summary>
/// Since when, and for how long, a session is this node's. Most have none: they were never lost, and their node is the only one. The
/// session's turns guard what says nothing else.
/// </summary>
internal sealed class SessionTenure
{
    private long _generation;

    /// <summary>When the connection was lost.</summary>
    public TimeSpan LostAt { get; set; }

    /// <summary>The generation that this node has of the session; 0 while no other node can have it. Read from any thread.</summary>
    public long Generation
    {
        get => Volatile.Read(ref _generation);
        set => Volatile.Write(ref _generation, value);
    }

    /// <summary>The session as this node has taken it, until it begins here; null at all other times.</summary>
    public TakenSession? Taken { get; set; }

    /// <summary>Whether another node has taken the session: here it ends without a word.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether the session has changed since it was saved.</summary>
    public bool IsChanged { get; set; }
}
