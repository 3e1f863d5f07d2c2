using System.Globalization;

namespace Longwire.Cli.Bench;

/// <summary>One figure of a result, by name.</summary>
/// <param name="Name">The name of the quantity.</param>
/// <param name="Value">The figure.</param>
/// <param name="Shown">The figure as words.</param>
/// <param name="MoreIsBetter">Which way is good.</param>
internal sealed record BenchFigure(string Name, double Value, string Shown, bool MoreIsBetter)
{
    /// <summary>The figures of a result that its mode measures.</summary>
    public static IReadOnlyList<BenchFigure> Of(BenchResult result)
    {
        List<BenchFigure> figures =
        [
            Rate(result.Mode == "storm" ? "handshakes a second" : "messages a second", result.MessagesPerSecond),
            Time("p50", result.P50Microseconds),
            Time("p90", result.P90Microseconds),
            Time("p99", result.P99Microseconds),
            Time("p99.9", result.P999Microseconds),
            Time("max", result.MaxMicroseconds),
        ];
        if (result.DeliveriesPerSecond is { } deliveries)
        {
            figures.Add(Rate("deliveries a second", deliveries));
            figures.Add(Time("fan-out p99", result.FanOutP99Microseconds ?? 0));
        }

        if (result.MessagesPerServerCpuSecond > 0)
        {
            figures.Add(Rate("per server CPU second", result.MessagesPerServerCpuSecond));
        }

        if (result.ServerBytesPerConnection is { } bytes)
        {
            figures.Add(new BenchFigure("bytes a connection", bytes, Number(bytes), MoreIsBetter: false));
        }

        return figures;
    }

    private static BenchFigure Rate(string name, double value) => new(name, value, Number(value), MoreIsBetter: true);

    private static BenchFigure Time(string name, double microseconds) =>
        new(name, microseconds, BenchTable.Time(microseconds), MoreIsBetter: false);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
