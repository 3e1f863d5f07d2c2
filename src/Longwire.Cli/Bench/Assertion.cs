using System.Globalization;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Bench;

/// <summary>A condition on a result, as <c>p99&lt;5ms</c> or <c>rate&gt;=100k</c>.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Metric">Which figure.</param>
/// <param name="Comparison">How to compare.</param>
/// <param name="Limit">With what; times in microseconds.</param>
internal sealed partial record Assertion(string Text, string Metric, string Comparison, double Limit)
{
    /// <summary>The figures, as <c>--help</c> lists them.</summary>
    public const string Metrics =
        "p50, p90, p99, p99.9, max, mean, rate, per-cpu, reach, deliveries, fan-out, lost, bytes, server-cpu, client-cpu";

    public static bool TryParse(string text, out Assertion? assertion)
    {
        assertion = null;
        Match match = Pattern().Match(text);
        if (!match.Success || !Metrics.Split(", ").Contains(match.Groups["metric"].Value))
        {
            return false;
        }

        string metric = match.Groups["metric"].Value;
        double number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        double? unit = UnitOf(match.Groups["unit"].Value, IsTime(metric));
        assertion = unit is null ? null : new Assertion(text, metric, match.Groups["comparison"].Value, number * unit.Value);
        return assertion is not null;
    }

    /// <summary>The option without which a run doesn't measure the figure at all; null for none.</summary>
    public string? LackIn(BenchOptions options) =>
        Metric switch
        {
            "per-cpu" or "server-cpu" when options.ServerProcess == 0 => "--server-pid",
            "reach" or "deliveries" or "fan-out" when options.Mode != BenchMode.Broadcast => "--mode broadcast",
            "bytes" when options.Mode != BenchMode.Idle => "--mode idle",
            "bytes" when options.ServerProcess == 0 => "--server-pid",
            _ => null,
        };

    /// <summary>Whether the result is like that; a figure that was not measured is not.</summary>
    public bool Holds(BenchResult result)
    {
        double value = ValueIn(result);
        return Comparison switch
        {
            "<" => value < Limit,
            "<=" => value <= Limit,
            ">" => value > Limit,
            ">=" => value >= Limit,
            _ => value == Limit,
        };
    }

    /// <summary>The figure in a result; not a number where it was not measured.</summary>
    public double ValueIn(BenchResult result) =>
        Metric switch
        {
            "p50" => Time(result, result.P50Microseconds),
            "p90" => Time(result, result.P90Microseconds),
            "p99" => Time(result, result.P99Microseconds),
            "p99.9" => Time(result, result.P999Microseconds),
            "max" => Time(result, result.MaxMicroseconds),
            "mean" => Time(result, result.MeanMicroseconds),
            "rate" => result.MessagesPerSecond,
            "per-cpu" => result.MessagesPerServerCpuSecond,
            "reach" => result.Reach ?? double.NaN,
            "deliveries" => result.DeliveriesPerSecond ?? double.NaN,
            "fan-out" => result.FanOutP99Microseconds ?? double.NaN,
            "lost" => result.Lost,
            "bytes" => result.ServerBytesPerConnection ?? double.NaN,
            "server-cpu" => result.ServerCpuShare,
            _ => result.GeneratorCpuShare,
        };

    /// <summary>The figure as words.</summary>
    public string Show(BenchResult result) =>
        ValueIn(result) switch
        {
            double.NaN => "not known: nothing came back in time",
            double time when IsTime(Metric) => BenchTable.Time(time),
            double value => value.ToString("0.####", CultureInfo.InvariantCulture),
        };

    // Of no message there is no latency.
    private static double Time(BenchResult result, double microseconds) => result.Messages == 0 ? double.NaN : microseconds;

    private static bool IsTime(string metric) => metric is "max" or "mean" or "fan-out" || (metric[0] == 'p' && char.IsDigit(metric[1]));

    private static double? UnitOf(string unit, bool isTime) =>
        (isTime, unit) switch
        {
            (true, "us" or "µs") => 1,
            (true, "ms") => 1_000,
            (true, "s") => 1_000_000,
            (false, "") => 1,
            (false, "%") => 0.01,
            (false, "k") => 1_000,
            (false, "M") => 1_000_000,
            (false, "KiB") => 1 << 10,
            _ => null,
        };

    [GeneratedRegex(@"^\s*(?<metric>[a-z0-9.-]+)\s*(?<comparison><=|>=|==|<|>)\s*(?<number>[0-9]+(\.[0-9]+)?)\s*(?<unit>\S*)\s*$")]
    private static partial Regex Pattern();
}
