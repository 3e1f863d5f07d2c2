namespace Longwire;

/// <summary>
/// How much memory the connections of a process may hold together for messages that have begun and not ended (put together, inflated)
/// and for what waits to be sent. When it is exceeded, the connections with the least progress for what they hold are aborted, until the
/// rest fits; all others are undisturbed. Thread safe.
/// </summary>
/// <remarks>
/// A connection is counted in steps of 64 KiB, so one that holds less costs nothing, not even a look at this object. Of a message that
/// was framed once for many receivers only its place in each queue counts, for its bytes are shared. A connection's own limits
/// (<see cref="WebSocketConnectionOptions.MaxMessageBytes"/>, <see cref="WebSocketConnectionOptions.SendQueueBytes"/>) hold as well.
/// </remarks>
public sealed class MemoryBudget
{
    /// <summary>The bytes in which connections are counted.</summary>
    internal const int StepBytes = 64 << 10;

    // A budget below this would end connections on machines that have room enough for them.
    private const long LeastDefaultBytes = 64L << 20;

    private readonly HashSet<MemoryShare> _shares = [];
    private long _used;
    private long _ended;

    /// <summary>Makes a budget.</summary>
    /// <param name="limitBytes">The most bytes; at least 1 MiB.</param>
    public MemoryBudget(long limitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limitBytes, 1 << 20);
        LimitBytes = limitBytes;
    }

    /// <summary>
    /// The process's: a thirty-second of the memory that the garbage collector may use (<see
    /// cref="GCMemoryInfo.TotalAvailableMemoryBytes"/>),
    /// at least 64 MiB.
    /// </summary>
    public static MemoryBudget Shared { get; } = new(Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 32, LeastDefaultBytes));

    /// <summary>The most bytes.</summary>
    public long LimitBytes { get; }

    /// <summary>How many bytes are held now, in steps of 64 KiB for each connection.</summary>
    public long UsedBytes => Volatile.Read(ref _used);

    /// <summary>How many connections were aborted because the budget was exceeded.</summary>
    public long EndedConnections => Volatile.Read(ref _ended);

    /// <summary>
    /// Counts what a connection holds now. It may be called under the connection's lock: whoever has to go is aborted elsewhere.
    /// </summary>
    internal void Set(MemoryShare share, long heldBytes)
    {
        lock (_shares)
        {
            if (share.IsForfeit)
            {
                return;
            }

            _used += heldBytes - share.HeldBytes;
            if (share.HeldBytes == 0)
            {
                _shares.Add(share);
            }

            share.HeldBytes = heldBytes;
            if (heldBytes == 0)
            {
                _shares.Remove(share);
            }

            while (_used > LimitBytes && _shares.MaxBy(static other => other.Idleness) is { } last)
            {
                last.IsForfeit = true;
                _shares.Remove(last);
                _used -= last.HeldBytes;
                _ended++;
                ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.AbortOverBudget(), last.Connection, preferLocal: false);
            }
        }
    }
}
