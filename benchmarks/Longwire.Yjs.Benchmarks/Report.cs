using System.Text;

namespace Longwire.Yjs.Benchmarks;

/// <summary>Measures everything, the servers in turn, and writes tables of medians.</summary>
internal static class Report
{
    public static async Task<string> MakeAsync(BenchmarkOptions options)
    {
        var observed = new Dictionary<string, List<(double PerCpuSecond, double Median, double P99)>>();
        var shown = new Dictionary<string, List<double>>();
        var joined = new Dictionary<string, List<(double CpuSeconds, double Seconds, double PeakOverDocument)>>();
        var plain = new List<(double PerCpuSecond, double Median, double P99)>();
        using var scenarios = new Scenarios(options);
        for (int round = 0; round < options.Rounds; round++)
        {
            foreach (Func<ServerProcess> start in (Func<ServerProcess>[])[ServerProcess.StartLongwire, ServerProcess.StartPeer])
            {
                bool isOurs = start == ServerProcess.StartLongwire;
                using (ServerProcess server = start())
                {
                    Console.Error.WriteLine($"round {round + 1}: {server.Name}");
                    Add(observed, server.Name, await scenarios.ObserveAsync(server));
                    if (isOurs)
                    {
                        plain.Add(await scenarios.ObserveAsync(server, plain: true));
                    }

                    Add(shown, server.Name, await scenarios.ShowAsync(server));
                }

                // The most memory is that of the whole process: a fresh one.
                using ServerProcess fresh = start();
                Add(joined, fresh.Name, await scenarios.JoinAsync(fresh));
            }
        }

        (double Merge, double Difference) ours = Updates.Longwire(options.Seconds);
        (double Merge, double Difference) theirs = await Updates.PeerAsync(options.Seconds);
        var text = new StringBuilder();
        text.AppendLine($"**One writes, {options.Observers:N0} read**\n");
        text.AppendLine("| server | deliveries per server CPU second | median | p99 |\n| --- | ---: | ---: | ---: |");
        foreach ((string name, List<(double PerCpuSecond, double Median, double P99)> runs) in observed)
        {
            AppendObserved(name, runs);
        }

        AppendObserved("longwire, a plain broadcast", plain);
        text.AppendLine($"\n**{options.People:N0} show their cursors once a second**\n\n| server | of a core |\n| --- | ---: |");
        foreach ((string name, List<double> runs) in shown)
        {
            text.AppendLine($"| {name} | {Median(runs):P1} |");
        }

        text.AppendLine($"\n**{options.Joins:N0} join a document of {options.DocumentMebibytes} MiB at once**\n");
        text.AppendLine(
            "| server | server CPU seconds | until all have it | most memory, over the document |\n| --- | ---: | ---: | ---: |"
        );
        foreach ((string name, List<(double CpuSeconds, double Seconds, double PeakOverDocument)> runs) in joined)
        {
            text.AppendLine(
                $"| {name} | {Median(runs.Select(static run => run.CpuSeconds)):F2} | {Median(runs.Select(static run => run.Seconds)):F1} s | {Median(runs.Select(static run => run.PeakOverDocument)):F1}× |"
            );
        }

        text.AppendLine("\n**Updates without a connection, one thread**\n\n| | merge, MiB/s | difference, MiB/s |\n| --- | ---: | ---: |");
        text.AppendLine($"| longwire | {ours.Merge:F0} | {ours.Difference:F0} |");
        text.AppendLine($"| yjs 13.6 (Node) | {theirs.Merge:F0} | {theirs.Difference:F0} |");
        return text.ToString();

        void AppendObserved(string name, List<(double PerCpuSecond, double Median, double P99)> runs) =>
            text.AppendLine(
                $"| {name} | {Median(runs.Select(static run => run.PerCpuSecond)):N0} | {Median(runs.Select(static run => run.Median)):F2} ms | {Median(runs.Select(static run => run.P99)):F2} ms |"
            );
    }

    private static void Add<T>(Dictionary<string, List<T>> runs, string name, T run)
    {
        if (!runs.TryGetValue(name, out List<T>? list))
        {
            runs.Add(name, list = []);
        }

        list.Add(run);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
