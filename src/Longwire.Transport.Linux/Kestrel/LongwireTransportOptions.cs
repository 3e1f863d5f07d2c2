namespace Longwire.Transport.Linux;

/// <summary>The options of the Kestrel transport.</summary>
public sealed class LongwireTransportOptions
{
    /// <summary>The loops: their number, kind and limits.</summary>
    public EventLoopOptions Loops { get; } = new();

    /// <summary>How connections are accepted.</summary>
    public LoopListenerOptions Listener { get; } = new();

    /// <summary>
    /// How many received bytes of one connection may wait for HTTP to read them before receiving pauses. Default: 1 MiB, as Kestrel's own
    /// transport. A detached connection has no such buffer.
    /// </summary>
    public long MaxReadBufferBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many bytes of one connection may wait to be sent before HTTP's writes wait. Default: 64 KiB, as Kestrel's own transport.
    /// </summary>
    public long MaxWriteBufferBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Whether HTTP's continuations, the application's included, run on the loops instead of the thread pool. Faster where nothing
    /// ever blocks; a single handler that blocks holds up every connection of its loop. Default: false.
    /// </summary>
    public bool UnsafeRunHttpOnLoops { get; set; }
}
