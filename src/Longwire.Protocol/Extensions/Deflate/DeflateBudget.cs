namespace Longwire.Protocol;

/// <summary>
/// Counts the native memory that compression holds, for the whole process or for as much of it as shares the budget. Thread-safe.
/// </summary>
/// <remarks>
/// When the limit is reached, <see cref="DeflateNegotiation"/> gives new connections no context takeover, so they share the pool's streams
/// and hold nothing at rest. Connections that have a context keep it. Nothing is ever refused on account of the budget, so it can be
/// passed, but only by the handshakes under way and by one stream for each message being compressed or inflated.
/// </remarks>
public sealed class DeflateBudget
{
    /// <summary>The default limit: 256 MiB, some 650 connections with both contexts at the default settings.</summary>
    public const long DefaultMaxBytes = 256L << 20;

    private long _usedBytes;

    /// <summary>Creates a budget.</summary>
    /// <param name="maxBytes">The limit in bytes; 0 allows no context takeover at all.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public DeflateBudget(long maxBytes = DefaultMaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        MaxBytes = maxBytes;
    }

    /// <summary>The limit in bytes.</summary>
    public long MaxBytes { get; }

    /// <summary>
    /// The bytes leased now: by connections with context takeover, whether or not they have compressed yet, and by the pool's
    /// streams.
    /// </summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>Whether that much could be leased now.</summary>
    /// <param name="bytes">How much, in bytes.</param>
    public bool HasRoomFor(long bytes) => UsedBytes <= MaxBytes - bytes;

    /// <summary>Takes a part of the budget if there is room.</summary>
    /// <returns>The lease, or <see langword="null"/>.</returns>
    internal DeflateLease? TryLease(long bytes)
    {
        long used = UsedBytes;
        while (used <= MaxBytes - bytes)
        {
            long seen = Interlocked.CompareExchange(ref _usedBytes, used + bytes, used);
            if (seen == used)
            {
                return new DeflateLease(this, bytes);
            }

            used = seen;
        }

        return null;
    }

    /// <summary>
    /// Takes a part of the budget whether or not there is room: for what was promised to the peer and can't be taken back.
    /// </summary>
    internal DeflateLease Lease(long bytes)
    {
        Interlocked.Add(ref _usedBytes, bytes);
        return new DeflateLease(this, bytes);
    }

    internal void Return(long bytes) => Interlocked.Add(ref _usedBytes, -bytes);
}
