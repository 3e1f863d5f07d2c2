using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>
/// Turns the lines of many runs into Markdown: a table for each scenario, a row for each server, medians over the rounds.
/// </summary>
internal static class BenchReport
{
    /// <summary>A verb for scripts, which <c>--help</c> doesn't list.</summary>
    public static Command Create(CommandStreams streams)
    {
        var file = new Argument<string>("FILE") { Description = "Lines as `bench --output jsonl` writes them." };
        var command = new Command("bench-report", "Make Markdown tables of medians from the lines of many runs.") { file };
        command.Hidden = true;
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                string[] lines = await File.ReadAllLinesAsync(parsed.GetValue(file)!, cancellationToken);
                await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(Write(lines) + Environment.NewLine), cancellationToken);
                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>Writes the tables, scenarios and servers in the order in which they first appear.</summary>
    public static string Write(IEnumerable<string> lines)
    {
        List<BenchResult> results =
        [
            .. lines
                .Where(static line => line.Length > 0)
                .Select(static line => JsonSerializer.Deserialize(line, BenchJson.Default.BenchResult)!),
        ];
        var text = new StringBuilder();
        foreach (IGrouping<string, BenchResult> scenario in results.GroupBy(static result => result.Scenario))
        {
            BenchResult first = scenario.First();
            string load = first.Mode == "echo" && first.Rate == 0 ? $", {first.InFlight} in flight on each" : "";
            text.AppendLine($"**{scenario.Key}** ({first.Connections} connections{load})");
            text.AppendLine();
            Column[] columns = ColumnsOf(first.Mode);
            text.AppendLine($"| server | {string.Join(" | ", columns.Select(static column => column.Title))} | rounds |");
            text.AppendLine($"| --- |{string.Concat(Enumerable.Repeat(" ---: |", columns.Length + 1))}");
            BenchResult[] reference = [.. scenario.Where(result => result.Name == first.Name)];
            foreach (IGrouping<string, BenchResult> server in scenario.GroupBy(static result => result.Name))
            {
                text.AppendLine(Row(server.Key, columns, [.. server], reference));
            }

            text.AppendLine();
        }

        if (results.Exists(static result => result.GeneratorIsBottleneck))
        {
            text.AppendLine(
                "\\* the generator was at the end of its core: messages a second say what the generator can do; compare per server CPU second."
            );
        }

        return text.ToString().TrimEnd();
    }

    private static string Row(string name, Column[] columns, BenchResult[] rounds, BenchResult[] reference) =>
        $"| {name} | {string.Join(" | ", columns.Select(column => column.Text(rounds, reference)))} | {rounds.Length} |";

    private static Column[] ColumnsOf(string mode)
    {
        Column perCpu = new(" per server CPU s", static (rounds, _) => $"{Median(rounds, static r => r.MessagesPerServerCpuSecond):N0}");
        Column spread = new(
            "lowest to highest",
            static (rounds, _) =>
                $"{rounds.Min(static r => r.MessagesPerServerCpuSecond):N0} – {rounds.Max(static r => r.MessagesPerServerCpuSecond):N0}"
        );
        Column ratio = new("first ÷ this", Ratio);
        Column[] load =
        [
            new("CPU server", static (rounds, _) => $"{Median(rounds, static r => r.ServerCpuShare):P0}"),
            new("CPU generator", static (rounds, _) => $"{Median(rounds, static r => r.GeneratorCpuShare):P0}"),
        ];
        return mode switch
        {
            "idle" =>
            [
                new("bytes a connection", static (rounds, _) => $"{Median(rounds, static r => r.ServerBytesPerConnection ?? 0):N0}"),
                new("later", static (rounds, _) => $"{Median(rounds, static r => r.ServerBytesPerConnectionAtEnd ?? 0):N0}"),
            ],
            "broadcast" =>
            [
                new("deliveries/s", static (rounds, _) => $"{Median(rounds, static r => r.DeliveriesPerSecond ?? 0):N0}{Mark(rounds)}"),
                perCpu with
                {
                    Title = "deliveries" + perCpu.Title,
                },
                spread,
                ratio,
                new("reach", static (rounds, _) => $"{Median(rounds, static r => r.Reach ?? 0):P0}"),
                new("fan-out p50 µs", static (rounds, _) => $"{Median(rounds, static r => r.FanOutP50Microseconds ?? 0):N0}"),
                new("p99 µs", static (rounds, _) => $"{Median(rounds, static r => r.FanOutP99Microseconds ?? 0):N0}"),
                .. load,
            ],
            _ =>
            [
                new(
                    mode == "storm" ? "handshakes/s" : "msg/s",
                    static (rounds, _) => $"{Median(rounds, static r => r.MessagesPerSecond):N0}{Mark(rounds)}"
                ),
                perCpu with
                {
                    Title = (mode == "storm" ? "handshakes" : "msg") + perCpu.Title,
                },
                spread,
                ratio,
                new("p50 µs", static (rounds, _) => $"{Median(rounds, static r => r.P50Microseconds):N0}"),
                new("p99 µs", static (rounds, _) => $"{Median(rounds, static r => r.P99Microseconds):N0}"),
                new("p99.9 µs", static (rounds, _) => $"{Median(rounds, static r => r.P999Microseconds):N0}"),
                .. load,
            ],
        };
    }

    // Within a round the machine's mood was about the same for all, so rounds are compared one by one.
    private static string Ratio(BenchResult[] rounds, BenchResult[] reference)
    {
        double[] ratios =
        [
            .. rounds
                .Zip(reference)
                .Where(static pair => pair.First.MessagesPerServerCpuSecond > 0)
                .Select(static pair => pair.Second.MessagesPerServerCpuSecond / pair.First.MessagesPerServerCpuSecond),
        ];
        return ratios.Length == 0 ? "–" : $"{Median(ratios):F2}";
    }

    private static string Mark(BenchResult[] rounds) =>
        rounds.Count(static round => round.GeneratorIsBottleneck) * 2 > rounds.Length ? "\\*" : "";

    private static double Median(BenchResult[] rounds, Func<BenchResult, double> value) => Median([.. rounds.Select(value)]);

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private sealed record Column(string Title, Func<BenchResult[], BenchResult[], string> Text);
}
