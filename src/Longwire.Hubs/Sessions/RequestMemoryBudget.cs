namespace Longwire.Hubs;

/// <summary>How many bytes all sessions of a node may spend on remembered requests. Thread-safe.</summary>
internal sealed class RequestMemoryBudget(long maxBytes)
{
    private long _used;

    public long Used => Volatile.Read(ref _used);

    /// <summary>Whether there is more than there may be. Then each session forgets its own oldest before it remembers another.</summary>
    public bool IsExceeded => Used > maxBytes;

    public void Take(int bytes) => Interlocked.Add(ref _used, bytes);

    public void Return(int bytes) => Interlocked.Add(ref _used, -bytes);
}
