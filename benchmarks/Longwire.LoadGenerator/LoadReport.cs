using System.Text;
using System.Text.Json;

namespace Longwire.LoadGenerator;

/// <summary>Turns the lines of many runs into Markdown: a table for each scenario, a row for each server, medians over the rounds.</summary>
internal static class LoadReport
{
    /// <summary>Writes the tables, scenarios and servers in the order in which they first appear.</summary>
    public static string Write(IEnumerable<string> lines)
    {
        List<LoadResult> results = [.. lines.Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<LoadResult>(line)!)];
        var text = new StringBuilder();
        foreach (IGrouping<string, LoadResult> scenario in results.GroupBy(result => result.Scenario))
        {
            LoadResult first = scenario.First();
            text.AppendLine($"**{scenario.Key}** ({first.Connections} connections, {first.InFlight} in flight on each)");
            text.AppendLine();
            text.AppendLine("| server | msg/s | msg per server CPU s | lowest to highest | p50 µs | p99 µs | p99.9 µs | CPU server | CPU generator | rounds |");
            text.AppendLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (IGrouping<string, LoadResult> server in scenario.GroupBy(result => result.Name))
                text.AppendLine(Row(server.Key, [.. server]));
            text.AppendLine();
        }

        if (results.Exists(result => result.GeneratorIsBottleneck))
            text.AppendLine("\\* the generator was at the end of its core: messages a second say what the generator can do; compare per server CPU second.");
        return text.ToString().TrimEnd();
    }

    private static string Row(string name, LoadResult[] rounds)
    {
        double[] perCpu = [.. rounds.Select(round => round.MessagesPerServerCpuSecond)];
        bool generatorBound = rounds.Count(round => round.GeneratorIsBottleneck) * 2 > rounds.Length;
        return $"| {name} | {Median(rounds, r => r.MessagesPerSecond):N0}{(generatorBound ? "\\*" : "")} | {Median(rounds, r => r.MessagesPerServerCpuSecond):N0} " +
            $"| {perCpu.Min():N0} – {perCpu.Max():N0} | {Median(rounds, r => r.P50Microseconds):N0} | {Median(rounds, r => r.P99Microseconds):N0} " +
            $"| {Median(rounds, r => r.P999Microseconds):N0} | {Median(rounds, r => r.ServerCpuShare):P0} | {Median(rounds, r => r.GeneratorCpuShare):P0} | {rounds.Length} |";
    }

    private static double Median(LoadResult[] rounds, Func<LoadResult, double> value)
    {
        double[] sorted = [.. rounds.Select(value).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
