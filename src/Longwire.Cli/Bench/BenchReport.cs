using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>Turns the lines of many runs into Markdown: a table for each scenario, a row for each server, medians over the rounds.</summary>
internal static class BenchReport
{
    /// <summary>A verb for scripts, which <c>--help</c> doesn't list.</summary>
    public static Command Create(CommandStreams streams)
    {
        var file = new Argument<string>("FILE") { Description = "Lines as `bench --output jsonl` writes them." };
        var command = new Command("bench-report", "Make Markdown tables of medians from the lines of many runs.") { file };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] lines = await File.ReadAllLinesAsync(parsed.GetValue(file)!, cancellationToken);
            await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(Write(lines) + Environment.NewLine), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Writes the tables, scenarios and servers in the order in which they first appear.</summary>
    public static string Write(IEnumerable<string> lines)
    {
        List<BenchResult> results = [.. lines.Where(static line => line.Length > 0).Select(static line => JsonSerializer.Deserialize(line, BenchJson.Default.BenchResult)!)];
        var text = new StringBuilder();
        foreach (IGrouping<string, BenchResult> scenario in results.GroupBy(static result => result.Scenario))
        {
            BenchResult first = scenario.First();
            text.AppendLine($"**{scenario.Key}** ({first.Connections} connections, {first.InFlight} in flight on each)");
            text.AppendLine();
            text.AppendLine("| server | msg/s | msg per server CPU s | lowest to highest | p50 µs | p99 µs | p99.9 µs | CPU server | CPU generator | rounds |");
            text.AppendLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (IGrouping<string, BenchResult> server in scenario.GroupBy(static result => result.Name))
            {
                text.AppendLine(Row(server.Key, [.. server]));
            }

            text.AppendLine();
        }

        if (results.Exists(static result => result.GeneratorIsBottleneck))
        {
            text.AppendLine("\\* the generator was at the end of its core: messages a second say what the generator can do; compare per server CPU second.");
        }

        return text.ToString().TrimEnd();
    }

    private static string Row(string name, BenchResult[] rounds)
    {
        double[] perCpu = [.. rounds.Select(static round => round.MessagesPerServerCpuSecond)];
        bool generatorBound = rounds.Count(static round => round.GeneratorIsBottleneck) * 2 > rounds.Length;
        return $"| {name} | {Median(rounds, static r => r.MessagesPerSecond):N0}{(generatorBound ? "\\*" : "")} | {Median(rounds, static r => r.MessagesPerServerCpuSecond):N0} "
            + $"| {perCpu.Min():N0} – {perCpu.Max():N0} | {Median(rounds, static r => r.P50Microseconds):N0} | {Median(rounds, static r => r.P99Microseconds):N0} "
            + $"| {Median(rounds, static r => r.P999Microseconds):N0} | {Median(rounds, static r => r.ServerCpuShare):P0} | {Median(rounds, static r => r.GeneratorCpuShare):P0} | {rounds.Length} |";
    }

    private static double Median(BenchResult[] rounds, Func<BenchResult, double> value)
    {
        double[] sorted = [.. rounds.Select(value).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
