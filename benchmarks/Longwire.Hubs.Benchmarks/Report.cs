using System.Globalization;
using System.Text;

namespace Longwire.Hubs.Benchmarks;

/// <summary>Measures everything, the servers in turn, and writes tables of medians.</summary>
internal sealed class Report(BenchmarkOptions options)
{
    private readonly Scenarios _scenarios = new(options);
    private readonly Dictionary<(string Name, int Members), List<double>> _rates = [];
    private readonly Dictionary<string, List<double>> _costs = [];

    public static async Task<string> MakeAsync(BenchmarkOptions options)
    {
        var report = new Report(options);
        await report.MeasureAsync();
        return report.Write();
    }

    private int[] Sizes => [options.Members / 10, options.Members];

    private string Stuck => $"the hub, beside {Sizes[0] / 100} members that never read";

    private async Task MeasureAsync()
    {
        using ServerProcess longwire = ServerProcess.StartLongwire();
        using ServerProcess peer = ServerProcess.StartPeer();
        // Code that compiles as it runs is to have compiled.
        foreach (Target target in Target.All)
        {
            await _scenarios.PublishAsync(target.IsPeer ? peer : longwire, target, Sizes[0]);
        }

        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (int members in Sizes)
            {
                foreach (Target target in Target.All)
                {
                    Say(round, $"{target.Name}, {members:N0} members");
                    Add(target.Name, members, await _scenarios.PublishAsync(target.IsPeer ? peer : longwire, target, members));
                }
            }

            Say(round, Stuck);
            Add(Stuck, Sizes[0], await _scenarios.PublishAsync(longwire, Target.Hub, Sizes[0], Sizes[0] / 100));
            Say(round, "joins and leaves");
            Cost($"{options.Members:N0} join a room with 100 watchers, and leave it", await _scenarios.JoinAndLeaveAsync(longwire));
            Say(round, "recovery");
            Cost("1,000 come back and recover 100 messages each", await _scenarios.RecoverAsync(longwire));
            Say(round, "memory");
            // A process of its own, in which nothing has left room that would be used again.
            using ServerProcess fresh = ServerProcess.StartLongwire();
            Cost("", await _scenarios.RestAsync(fresh));
        }
    }

    private string Write()
    {
        var text = new StringBuilder();
        foreach (int members in Sizes)
        {
            text.Append(CultureInfo.InvariantCulture, $"**100 B to {members:N0} members, one message at a time**\n\n");
            text.Append(
                "| | deliveries per server CPU s | lowest to highest | the plain broadcast ÷ this |\n| --- | ---: | ---: | ---: |\n"
            );
            List<double> plain = _rates[(Target.Plain.Name, members)];
            foreach (((string name, int _), List<double> rates) in _rates.Where(entry => entry.Key.Members == members))
            {
                double ratio = Median([.. plain.Zip(rates, static (first, other) => first / other)]);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {Median(rates):N0} | {rates.Min():N0} – {rates.Max():N0} | {ratio:0.00} |\n"
                );
            }

            text.Append('\n');
        }

        text.Append("| the hub | server CPU s | lowest to highest |\n| --- | ---: | ---: |\n");
        foreach ((string name, List<double> seconds) in _costs.Where(static entry => entry.Key.Length > 0))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {Median(seconds):0.00} | {seconds.Min():0.00} – {seconds.Max():0.00} |\n"
            );
        }

        List<double> bytes = _costs[""];
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nA member at rest, one of 100 in its room, its connection included, after a collection: {Median(bytes):N0} B of the process's memory"
                + $" ({bytes.Min():N0} – {bytes.Max():N0}), over {options.Members:N0}.\n"
        );
        return text.ToString();
    }

    private void Add(string name, int members, double rate) => ListOf(_rates, (name, members)).Add(rate);

    private void Cost(string name, double seconds) => ListOf(_costs, name).Add(seconds);

    private void Say(int round, string what) => Console.Error.WriteLine($"round {round} of {options.Rounds}: {what}");

    private static List<double> ListOf<TKey>(Dictionary<TKey, List<double>> lists, TKey key)
        where TKey : notnull => lists.TryGetValue(key, out List<double>? list) ? list : lists[key] = [];

    // The ratio of each round, and not of the medians: a drifting machine harms that less.
    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
