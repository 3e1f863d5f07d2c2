namespace Longwire.Transport.Linux;

/// <summary>How connections are accepted and spread over the loops.</summary>
public sealed class LoopListenerOptions
{
    /// <summary>
    /// How many connections the kernel keeps until they are accepted. Default: 4,096; the kernel's own limit (somaxconn) applies.
    /// </summary>
    public int Backlog { get; set; } = 4096;

    /// <summary>
    /// Whether each loop has a listening socket of its own (SO_REUSEPORT) and the kernel spreads connections by their addresses' hash.
    /// Other processes of the same user may then listen on the same port, by intent or by mistake. Default: false: one loop accepts and
    /// deals the connections out in turn, which spreads them evenly, few as they may be.
    /// </summary>
    public bool ReusePort { get; set; }
}
