namespace Longwire.Hubs;

/// <summary>The ways into the hub over plain HTTP: server-sent events, polling, <c>POST</c>.</summary>
public sealed record HubHttpOptions
{
    /// <summary>Whether a hub's paths have these ways in. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// How many bytes of messages may wait for one client to take them, with 64 for each message; beyond that it is treated as a slow
    /// member is. Default: 1 MiB.
    /// </summary>
    public int OutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>How long a poll may wait for messages. Default: 60 s. A client that says nothing waits for 25 s.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>After how long without a poll a client has lost its connection. Default: 60 s.</summary>
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often server-sent events have a comment, so that no proxy takes the connection for idle. Default: 15 s; nginx waits 60 s.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The largest body of a <c>POST</c>. Default: 256 KiB.</summary>
    public int MaxRequestBytes { get; set; } = 256 * 1024;

    /// <summary>The most messages in one <c>POST</c>. Default: 64.</summary>
    public int MaxRequestMessages { get; set; } = 64;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(OutboxBytes, "Http:OutboxBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWait, TimeSpan.Zero, "Http:MaxWait");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollTimeout, TimeSpan.Zero, "Http:PollTimeout");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KeepAliveInterval, TimeSpan.Zero, "Http:KeepAliveInterval");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRequestBytes, "Http:MaxRequestBytes");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRequestMessages, "Http:MaxRequestMessages");
    }
}
