using System.Globalization;
using System.Text;

namespace Longwire.Cli.Bench;

/// <summary>A result for people.</summary>
internal static class BenchTable
{
    private const int NameColumn = 18;

    public static string Write(BenchOptions options, BenchResult result)
    {
        var text = new StringBuilder();
        text.AppendLine(Title(options, result)).AppendLine();
        switch (options.Mode)
        {
            case BenchMode.Idle:
                WriteIdle(text, result);
                break;
            case BenchMode.Storm:
                Row(text, "handshakes", $"{Count(result.MessagesPerSecond)}/s", $"{Count(result.Messages)} in {Seconds(result.Seconds)}");
                WriteLatency(text, "to open", result);
                break;
            case BenchMode.Broadcast:
                Row(text, "deliveries", $"{Count(result.DeliveriesPerSecond ?? 0)}/s", "messages that arrived, at all clients together");
                Row(
                    text,
                    "messages",
                    $"{Count(result.MessagesPerSecond)}/s",
                    $"{Count(result.Messages)} in {Seconds(result.Seconds)} reached everybody"
                );
                Row(text, "reach", Percent(result.Reach ?? 0, 3), "of the clients got each message, on average");
                WriteLatency(text, "delivery", result);
                Row(
                    text,
                    "fan-out",
                    $"p50 {Time(result.FanOutP50Microseconds ?? 0)}",
                    $"p99 {Time(result.FanOutP99Microseconds ?? 0)}, from sending to the last receiver"
                );
                break;
            default:
                Row(text, "messages", $"{Count(result.MessagesPerSecond)}/s", $"{Count(result.Messages)} in {Seconds(result.Seconds)}");
                WriteLatency(text, "latency", result);
                Row(text, "verified", "every reply", "byte by byte, and in its order");
                break;
        }

        if (result.SteadyPaceP99Microseconds is { } steady)
        {
            Row(
                text,
                "hidden",
                $"p99 {Time(steady)}",
                $"at a steady pace: when the server paused, up to {Time(result.MaxMicroseconds)}, this closed loop sent nothing; see --rate"
            );
        }

        if (result.LagP99Microseconds is { } lag)
        {
            Row(
                text,
                "sent late",
                $"p99 {Time(lag)}",
                lag > result.P99Microseconds / 2
                    ? "THE CLIENT WAS LATE, and that makes up most of the latency: its machine is too busy for this rate"
                    : "is part of the latency: it counts from when a message was due"
            );
        }

        if (result.Lost > 0)
        {
            Row(text, "lost", Count(result.Lost), "messages");
        }

        if (options.SlowReaders > 0)
        {
            Row(text, "slow readers", $"{options.SlowReaders}", $"of which the server let {result.SlowReadersEnded} go");
        }

        if (result.ServerCpuSeconds > 0)
        {
            string unit = options.Mode switch
            {
                BenchMode.Broadcast => "deliveries",
                BenchMode.Storm => "handshakes",
                _ => "messages",
            };
            Row(
                text,
                "server CPU",
                $"{Percent(result.ServerCpuShare)} of a core",
                result.Messages == 0 || options.Mode == BenchMode.Idle
                    ? ""
                    : $"{Count(result.MessagesPerServerCpuSecond)} {unit} per CPU second"
            );
        }

        Row(
            text,
            "client CPU",
            $"{Percent(result.GeneratorCpuShare)} of {(result.Workers == 1 ? "a core" : $"{result.Workers} cores")}",
            result.GeneratorIsBottleneck ? "THE CLIENT IS THE BOTTLENECK: compare per server CPU second" : ""
        );
        return text.ToString();
    }

    private static string Title(BenchOptions options, BenchResult result)
    {
        string what = options.Mode switch
        {
            BenchMode.Storm => $"{result.Connections} at a time, opened and closed",
            BenchMode.Idle => $"{result.Connections:N0} connections, silent after one message each",
            _ =>
                $"{result.Connections:N0} connections, {(options.IsOpenLoop ? $"open loop at {Count(options.Rate)}/s" : $"closed loop, {options.InFlight} in flight on each")}"
                    + $", {Sizes(options.Sizes)} {options.Payload.ToString().ToLowerInvariant()}{(options.Deflate ? ", compressed" : "")}",
        };
        return $"{result.Mode} {result.Address}: {what}{(result.Workers > 1 ? $", {result.Workers} workers" : "")}{(result.IsInterrupted ? " (interrupted: a partial result)" : "")}";
    }

    private static void WriteIdle(StringBuilder text, BenchResult result)
    {
        if (result.ServerBytesPerConnection is { } bytes)
        {
            Row(text, "server memory", $"{Count(bytes)} B", "more in RAM for each connection, after opening");
            Row(text, "", $"{Count(result.ServerBytesPerConnectionAtEnd ?? bytes)} B", $"after {Seconds(result.Seconds)} of silence");
        }
        else
        {
            Row(text, "server memory", "unknown", "give --server-pid");
        }
    }

    private static void WriteLatency(StringBuilder text, string name, BenchResult result)
    {
        Row(
            text,
            name,
            $"p50 {Time(result.P50Microseconds)}",
            $"p90 {Time(result.P90Microseconds)}   p99 {Time(result.P99Microseconds)}   p99.9 {Time(result.P999Microseconds)}   max {Time(result.MaxMicroseconds)}"
        );
    }

    private static void Row(StringBuilder text, string name, string value, string remark) =>
        text.AppendLine($"  {name, -NameColumn}{value, -NameColumn}{remark}".TrimEnd());

    private static string Sizes(IReadOnlyList<int> sizes) =>
        string.Join(
            " + ",
            sizes
                .GroupBy(static size => size)
                .Select(static group => group.Count() == 1 ? $"{group.Key:N0} B" : $"{group.Count()} x {group.Key:N0} B")
        );

    /// <summary>A time of three digits or so, in the unit that suits it.</summary>
    public static string Time(double microseconds) =>
        microseconds switch
        {
            < 1000 => $"{microseconds.ToString("0", CultureInfo.InvariantCulture)} µs",
            < 1_000_000 => $"{(microseconds / 1000).ToString("0.##", CultureInfo.InvariantCulture)} ms",
            _ => $"{(microseconds / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture)} s",
        };

    private static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => $"{seconds.ToString("0.#", CultureInfo.InvariantCulture)} s";

    private static string Percent(double share, int digits = 0) =>
        (share * 100).ToString("F" + digits, CultureInfo.InvariantCulture) + " %";
}
