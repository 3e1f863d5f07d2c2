namespace Longwire.Cli.Bench;

/// <summary>The figures of one process, to be added to those of the others.</summary>
internal sealed record BenchShare
{
    public int Connections { get; init; }

    /// <summary>The window as it was.</summary>
    public double Seconds { get; init; }

    /// <summary>Replies in the window; in a broadcast the messages that reached everybody, in a storm the handshakes.</summary>
    public long Messages { get; init; }

    public HistogramData? Latency { get; init; }

    /// <summary>Open loop: how much later than due the messages left.</summary>
    public HistogramData? Lag { get; init; }

    /// <summary>Broadcast: from a message's sending to its last receiver.</summary>
    public HistogramData? FanOut { get; init; }

    /// <summary>Broadcast: messages that arrived in the window.</summary>
    public long Deliveries { get; init; }

    /// <summary>Broadcast: messages that were sent in the window.</summary>
    public long Sent { get; init; }

    /// <summary>Broadcast: how often these arrived, in the window or later.</summary>
    public long Reached { get; init; }

    /// <summary>Broadcast: the connections that are to get each message.</summary>
    public int Receivers { get; init; }

    /// <summary>Messages without their reply, or replies, at the end.</summary>
    public long Lost { get; init; }

    public int SlowReadersEnded { get; init; }

    public double OwnCpuSeconds { get; init; }

    public double ServerCpuSeconds { get; init; }

    public bool IsInterrupted { get; init; }

    /// <summary>Why the measurement is worth nothing, or ended early; null when all is well.</summary>
    public string? Failure { get; init; }

    public int ExitCode { get; init; }

    /// <summary>Adds up what several processes measured at the same time.</summary>
    public static BenchShare Merge(IReadOnlyList<BenchShare> shares)
    {
        BenchShare? failed = shares.FirstOrDefault(static share => share.Failure is not null);
        return new BenchShare
        {
            Connections = shares.Sum(static share => share.Connections),
            Seconds = shares.Max(static share => share.Seconds),
            Messages = shares.Sum(static share => share.Messages),
            Latency = Merge(shares.Select(static share => share.Latency)),
            Lag = Merge(shares.Select(static share => share.Lag)),
            FanOut = Merge(shares.Select(static share => share.FanOut)),
            Deliveries = shares.Sum(static share => share.Deliveries),
            Sent = shares.Sum(static share => share.Sent),
            Reached = shares.Sum(static share => share.Reached),
            Receivers = shares.Sum(static share => share.Receivers),
            Lost = shares.Sum(static share => share.Lost),
            SlowReadersEnded = shares.Sum(static share => share.SlowReadersEnded),
            OwnCpuSeconds = shares.Sum(static share => share.OwnCpuSeconds),
            // Each of them looked at the same process.
            ServerCpuSeconds = shares.Max(static share => share.ServerCpuSeconds),
            IsInterrupted = shares.Any(static share => share.IsInterrupted),
            Failure = failed?.Failure,
            ExitCode = failed?.ExitCode ?? Cli.ExitCode.Done,
        };
    }

    private static HistogramData? Merge(IEnumerable<HistogramData?> histograms)
    {
        LatencyHistogram? sum = null;
        foreach (HistogramData? data in histograms)
        {
            if (data is not null)
            {
                (sum ??= new LatencyHistogram()).Add(LatencyHistogram.FromData(data));
            }
        }

        return sum?.ToData();
    }
}
