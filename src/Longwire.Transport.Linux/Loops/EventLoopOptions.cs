namespace Longwire.Transport.Linux;

/// <summary>How many event loops there are, of which kind, and their limits.</summary>
public sealed class EventLoopOptions
{
    /// <summary>
    /// The number of loops, each with a thread of its own. Default: as many as the process may use processors. Limit: 1 to 256.
    /// </summary>
    public int LoopCount { get; set; } = Environment.ProcessorCount;

    /// <summary>The kind of loop. Default: <see cref="EventLoopKind.Automatic"/>.</summary>
    public EventLoopKind Kind { get; set; } = EventLoopKind.Automatic;

    /// <summary>
    /// The receive buffer of a loop, shared by all its connections, in bytes; an io_uring loop reads into it what comes much at a time. It
    /// also bounds what one connection may receive before the next has its turn. Default: 256 KiB. Limit: 512 bytes to 16 MiB.
    /// </summary>
    public int ReceiveBufferBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// The size of one buffer of an io_uring loop's buffer ring, in bytes. Default: 64 KiB. Limit: 512 bytes to 16 MiB.
    /// </summary>
    public int RingBufferBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// The number of buffers of an io_uring loop's buffer ring. When all are in use, receiving goes on after the turn. A power of two.
    /// Default: 64. Limit: 1 to 32,768.
    /// </summary>
    public int RingBufferCount { get; set; } = 64;

    /// <summary>
    /// How many connections one listener accepts before the connections that are open have their turn (epoll). Default: 64.
    /// Limit: at least 1.
    /// </summary>
    public int AcceptsPerTurn { get; set; } = 64;

    /// <summary>
    /// The bytes that one socket may hold in user space because the kernel refused them. A send beyond it is refused as a whole.
    /// Default: 16 MiB.
    /// </summary>
    public long MaxPendingBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long a socket that was closed in good order waits for the peer to close as well, after everything was sent; then it is
    /// closed regardless. Default: 2 seconds.
    /// </summary>
    public TimeSpan LingerTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The step of the loops' timers: none is more exact than this. Default: 100 milliseconds. Limit: at least 1 millisecond.
    /// </summary>
    public TimeSpan TimerTick { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How many descriptors a listener leaves to the rest of the process (the runtime, files, outgoing connections): with fewer left, it
    /// accepts no more until there are. Default: 64; never more than a quarter of the process's limit.
    /// </summary>
    public int DescriptorHeadroom { get; set; } = 64;

    /// <summary>
    /// How long a listener waits before it accepts again after the process ran out of descriptors. Default: 250 milliseconds.
    /// </summary>
    public TimeSpan AcceptPause { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The clock of the loops' timers. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal EventLoopOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(LoopCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LoopCount, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBufferBytes, 512);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReceiveBufferBytes, 16 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(RingBufferBytes, 512);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RingBufferBytes, 16 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(RingBufferCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RingBufferCount, 32 * 1024);
        if (!int.IsPow2(RingBufferCount))
        {
            throw new ArgumentException("RingBufferCount must be a power of two.", nameof(RingBufferCount));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(AcceptsPerTurn, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DescriptorHeadroom);
        ArgumentOutOfRangeException.ThrowIfLessThan(TimerTick, TimeSpan.FromMilliseconds(1));
        ArgumentNullException.ThrowIfNull(TimeProvider);
        return this;
    }
}
