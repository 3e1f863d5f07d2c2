namespace Longwire;

/// <summary>The share that one direction of a connection holds of a <see cref="MemoryBudget"/>. Made when it first holds much.</summary>
internal sealed class MemoryShare(WebSocketConnection connection)
{
    private const double HalfLifeMilliseconds = 5000;

    private double _recent; // bytes that went on lately: those of five seconds ago count half
    private long _noted;
    private long _position;

    public WebSocketConnection Connection => connection;

    /// <summary>Bytes that the connection has asked to be counted. Guarded by the connection.</summary>
    public long CountedBytes { get; set; }

    /// <summary>Bytes that are counted. Guarded by the budget.</summary>
    public long HeldBytes { get; set; }

    /// <summary>Whether the connection has to go, and counts no more. Guarded by the budget.</summary>
    public bool IsForfeit { get; set; }

    /// <summary>How much is held for each byte that went on lately. The highest goes first.</summary>
    public double Idleness => HeldBytes / (Recent(connection.Clock) + 1);

    /// <summary>Notes how far the bytes have come; a lower position than before is the position of something new.</summary>
    public void NoteProgress(long position)
    {
        long bytes = position >= _position ? position - _position : position;
        _position = position;
        if (bytes != 0)
        {
            Add(bytes);
        }
    }

    /// <summary>It begins to hold so much, which has just come.</summary>
    public void Begin(long bytes) => Add(bytes);

    private void Add(long bytes)
    {
        long now = connection.Clock;
        Volatile.Write(ref _recent, Recent(now) + bytes);
        Volatile.Write(ref _noted, now);
    }

    private double Recent(long now) => Volatile.Read(ref _recent) * Math.Pow(2, (Volatile.Read(ref _noted) - now) / HalfLifeMilliseconds);
}
