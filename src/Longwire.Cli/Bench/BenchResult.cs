namespace Longwire.Cli.Bench;

/// <summary>The result of a run. Its JSON form is a line of the file that a report is made of.</summary>
internal sealed record BenchResult
{
    /// <summary>A generator that uses this share of its cores is taken to be what limits the run.</summary>
    public const double SaturatedShare = 0.95;

    public required string Name { get; init; }

    public required string Scenario { get; init; }

    public required string Address { get; init; }

    public required string Mode { get; init; }

    public required int Connections { get; init; }

    public required int Workers { get; init; }

    /// <summary>Messages under way on each connection; 0 in an open loop.</summary>
    public required int InFlight { get; init; }

    /// <summary>Messages a second that were asked for; 0 in a closed loop.</summary>
    public required double Rate { get; init; }

    /// <summary>Bytes of the messages, which are sent in this rotation.</summary>
    public required IReadOnlyList<int> PayloadBytes { get; init; }

    public required bool IsInterrupted { get; init; }

    /// <summary>Why the run is worth nothing; null when all is well.</summary>
    public string? Failure { get; init; }

    /// <summary>The window as it really was.</summary>
    public required double Seconds { get; init; }

    /// <summary>Replies in the window; in a broadcast the messages that reached everybody, in a storm the handshakes.</summary>
    public required long Messages { get; init; }

    public required double MessagesPerSecond { get; init; }

    public required long Lost { get; init; }

    /// <summary>Messages a second in equal spans of the run, as it went on; deliveries in a broadcast.</summary>
    public IReadOnlyList<double> Course { get; set; } = [];

    public required double MeanMicroseconds { get; init; }

    public required double P50Microseconds { get; init; }

    public required double P90Microseconds { get; init; }

    public required double P99Microseconds { get; init; }

    public required double P999Microseconds { get; init; }

    public required double MaxMicroseconds { get; init; }

    /// <summary>
    /// Closed loop: the 99th percentile as callers at a steady pace would have seen it, where it is more than twice what this loop saw.
    /// </summary>
    public double? SteadyPaceP99Microseconds { get; init; }

    /// <summary>Open loop: 99 % of the messages left no later than so much after they were due.</summary>
    public double? LagP99Microseconds { get; init; }

    public double? DeliveriesPerSecond { get; init; }

    /// <summary>The share of the clients that each message reached, on average.</summary>
    public double? Reach { get; init; }

    public double? FanOutP50Microseconds { get; init; }

    public double? FanOutP99Microseconds { get; init; }

    public double? ServerBytesPerConnection { get; init; }

    public double? ServerBytesPerConnectionAtEnd { get; init; }

    public int SlowReadersEnded { get; init; }

    /// <summary>The server's CPU seconds in the window, user and system; 0 when its process isn't known.</summary>
    public required double ServerCpuSeconds { get; init; }

    /// <summary>Replies, or deliveries, for each of them.</summary>
    public required double MessagesPerServerCpuSecond { get; init; }

    /// <summary>Share of one core that the server used.</summary>
    public required double ServerCpuShare { get; init; }

    public required double GeneratorCpuSeconds { get; init; }

    /// <summary>Share of its cores, one for each worker, that the generator used.</summary>
    public required double GeneratorCpuShare { get; init; }

    /// <summary>The generator, and not the server, limited the messages a second.</summary>
    public required bool GeneratorIsBottleneck { get; init; }

    public static BenchResult From(
        BenchOptions options,
        BenchShare share,
        int workers,
        double? bytesPerConnection = null,
        double? bytesAtEnd = null
    )
    {
        LatencyHistogram latency = Histogram(share.Latency)!;
        LatencyHistogram? fanOut = Histogram(share.FanOut);
        bool isBroadcast = options.Mode == BenchMode.Broadcast;
        double perSecond = share.Seconds > 0 ? 1 / share.Seconds : 0;
        // TLS and handshakes are worked on by as many threads as there are cores; frames by the one loop.
        int cores = options.UsesClient || options.Mode == BenchMode.Storm ? Environment.ProcessorCount : workers;
        double generatorShare = share.OwnCpuSeconds * perSecond / cores;
        return new BenchResult
        {
            Name = options.Name,
            Scenario = options.Scenario,
            Address = options.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped),
            Mode = options.Mode.ToString().ToLowerInvariant(),
            Connections = share.Connections,
            Workers = workers,
            InFlight = options.IsOpenLoop ? 0 : options.InFlight,
            Rate = options.Rate,
            PayloadBytes = options.Sizes,
            IsInterrupted = share.IsInterrupted,
            Failure = share.Failure,
            Seconds = share.Seconds,
            Messages = share.Messages,
            MessagesPerSecond = share.Messages * perSecond,
            Lost = share.Lost,
            MeanMicroseconds = latency.MeanMicroseconds,
            P50Microseconds = latency.QuantileMicroseconds(0.5),
            P90Microseconds = latency.QuantileMicroseconds(0.9),
            P99Microseconds = latency.QuantileMicroseconds(0.99),
            P999Microseconds = latency.QuantileMicroseconds(0.999),
            MaxMicroseconds = latency.QuantileMicroseconds(1),
            SteadyPaceP99Microseconds = options is { Mode: BenchMode.Echo, IsOpenLoop: false } ? HiddenByClosedLoop(latency) : null,
            LagP99Microseconds = Histogram(share.Lag)?.QuantileMicroseconds(0.99),
            DeliveriesPerSecond = isBroadcast ? share.Deliveries * perSecond : null,
            Reach = isBroadcast ? (share.Sent == 0 ? 0 : share.Reached / ((double)share.Sent * share.Receivers)) : null,
            FanOutP50Microseconds = fanOut?.QuantileMicroseconds(0.5),
            FanOutP99Microseconds = fanOut?.QuantileMicroseconds(0.99),
            ServerBytesPerConnection = bytesPerConnection,
            ServerBytesPerConnectionAtEnd = bytesAtEnd,
            SlowReadersEnded = share.SlowReadersEnded,
            ServerCpuSeconds = share.ServerCpuSeconds,
            MessagesPerServerCpuSecond =
                share.ServerCpuSeconds > 0 ? (isBroadcast ? share.Deliveries : share.Messages) / share.ServerCpuSeconds : 0,
            ServerCpuShare = share.ServerCpuSeconds * perSecond,
            GeneratorCpuSeconds = share.OwnCpuSeconds,
            GeneratorCpuShare = generatorShare,
            GeneratorIsBottleneck = generatorShare >= SaturatedShare,
        };
    }

    private static double? HiddenByClosedLoop(LatencyHistogram latency)
    {
        double p99 = latency.QuantileMicroseconds(0.99);
        double steady = latency.AtSteadyPace((long)(latency.QuantileMicroseconds(0.5) * 1000)).QuantileMicroseconds(0.99);
        return steady > 2 * p99 ? steady : null;
    }

    private static LatencyHistogram? Histogram(HistogramData? data) => data is null ? null : LatencyHistogram.FromData(data);
}
