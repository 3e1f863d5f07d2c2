namespace Longwire.LoadGenerator;

/// <summary>What one run measured. Its JSON form is a line of the file that the report reads.</summary>
internal sealed record LoadResult
{
    /// <summary>A generator that uses this share of its core is taken to be what limits the run.</summary>
    public const double SaturatedShare = 0.95;

    /// <summary>The server.</summary>
    public required string Name { get; init; }

    /// <summary>The table.</summary>
    public required string Scenario { get; init; }

    /// <summary>Connections open at a time.</summary>
    public required int Connections { get; init; }

    /// <summary>Messages under way on each.</summary>
    public required int InFlight { get; init; }

    /// <summary>Payload bytes a message.</summary>
    public required int PayloadBytes { get; init; }

    /// <summary>Replies in the window.</summary>
    public required long Messages { get; init; }

    /// <summary>The window as it really was.</summary>
    public required double Seconds { get; init; }

    /// <summary>Replies a second.</summary>
    public required double MessagesPerSecond { get; init; }

    /// <summary>The server's CPU seconds in the window, user and system.</summary>
    public required double ServerCpuSeconds { get; init; }

    /// <summary>Replies for each CPU second of the server; 0 when its process isn't known.</summary>
    public required double MessagesPerServerCpuSecond { get; init; }

    /// <summary>Share of one core that the server used.</summary>
    public required double ServerCpuShare { get; init; }

    /// <summary>Share of one core that the generator used.</summary>
    public required double GeneratorCpuShare { get; init; }

    /// <summary>The generator, and not the server, limited the messages a second.</summary>
    public required bool GeneratorIsBottleneck { get; init; }

    /// <summary>Half of the replies came within this time, in microseconds.</summary>
    public required double P50Microseconds { get; init; }

    /// <summary>99 % of the replies.</summary>
    public required double P99Microseconds { get; init; }

    /// <summary>99.9 % of the replies.</summary>
    public required double P999Microseconds { get; init; }

    /// <summary>Divides the counts.</summary>
    public static LoadResult From(
        LoadOptions options, long messages, TimeSpan elapsed, double serverSeconds, double ownSeconds, LatencyHistogram latency) => new()
        {
            Name = options.Name,
            Scenario = options.Scenario,
            Connections = options.Connections,
            InFlight = options.InFlight,
            PayloadBytes = options.PayloadBytes,
            Messages = messages,
            Seconds = elapsed.TotalSeconds,
            MessagesPerSecond = messages / elapsed.TotalSeconds,
            ServerCpuSeconds = serverSeconds,
            MessagesPerServerCpuSecond = serverSeconds > 0 ? messages / serverSeconds : 0,
            ServerCpuShare = serverSeconds / elapsed.TotalSeconds,
            GeneratorCpuShare = ownSeconds / elapsed.TotalSeconds,
            GeneratorIsBottleneck = ownSeconds / elapsed.TotalSeconds >= SaturatedShare,
            P50Microseconds = latency.QuantileMicroseconds(0.5),
            P99Microseconds = latency.QuantileMicroseconds(0.99),
            P999Microseconds = latency.QuantileMicroseconds(0.999),
        };

    /// <summary>One line for a reader.</summary>
    public override string ToString() =>
        $"{Name,-24} {Scenario,-24} {MessagesPerSecond,9:N0} msg/s  {MessagesPerServerCpuSecond,9:N0} per server CPU s  " +
        $"p50 {P50Microseconds,7:N0} µs  p99 {P99Microseconds,7:N0} µs  p99.9 {P999Microseconds,7:N0} µs  " +
        $"CPU server {ServerCpuShare:P0} generator {GeneratorCpuShare:P0}" +
        (GeneratorIsBottleneck ? "  (the generator is the bottleneck: compare per server CPU second)" : "");
}
