namespace Longwire;

/// <summary>What one direction of a connection holds of a <see cref="MemoryBudget"/>. Made when it first holds much.</summary>
internal sealed class MemoryShare(WebSocketConnection connection, long began)
{
    public WebSocketConnection Connection => connection;

    /// <summary>Bytes that the connection has asked to be counted. Guarded by the connection.</summary>
    public long CountedBytes { get; set; }

    /// <summary>Bytes that are counted. Guarded by the budget.</summary>
    public long HeldBytes { get; set; }

    /// <summary>Whether the connection has to go, and counts no more. Guarded by the budget.</summary>
    public bool IsForfeit { get; set; }

    /// <summary>When it began to hold much, in milliseconds on the connection's clock.</summary>
    public long Began { get; set; } = began;

    /// <summary>Bytes that have gone on since.</summary>
    public long Progress { get; set; }

    /// <summary>How much is held for how long, for each byte that went on meanwhile. The highest goes first.</summary>
    public double Idleness => (double)HeldBytes * (connection.Clock - Began + 1) / (Progress + 1);
}
