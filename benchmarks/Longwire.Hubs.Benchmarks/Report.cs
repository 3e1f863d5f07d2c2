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

    /// <summary>10,000 join a room with watchers and leave it, again and again: the server's processor time for each round.</summary>
    public static async Task<string> JoinAndLeaveAsync()
    {
        var options = new BenchmarkOptions(5, 3, 10_000);
        var scenarios = new Scenarios(options);
        using ServerProcess server = ServerProcess.StartLongwire();
        var text = new StringBuilder();
        for (int round = 1; round <= options.Rounds; round++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"round {round}: {options.Members:N0} joins and leaves take {await scenarios.JoinAndLeaveAsync(server):0.00} s of the server's CPU\n"
            );
        }

        return text.ToString();
    }

    /// <summary>The memory of a member at rest alone, in one fresh process after the other.</summary>
    public static async Task<string> WeighAsync()
    {
        var options = new BenchmarkOptions(5, 3, 10_000);
        var scenarios = new Scenarios(options);
        var all = new List<double>();
        for (int round = 1; round <= options.Rounds; round++)
        {
            using ServerProcess server = ServerProcess.StartLongwire();
            all.Add(await scenarios.RestAsync(server));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"process {round}: {all[^1]:N0} B"));
        }

        return $"A member at rest: median {Median(all):N0} B of the process's memory, {all.Min():N0} to {all.Max():N0} B\n";
    }

    /// <summary>The ways into the hub alone, beside each other.</summary>
    public static async Task<string> CompareWaysAsync(int members)
    {
        var options = new BenchmarkOptions(3, 3, members);
        var scenarios = new Scenarios(options);
        var window = TimeSpan.FromSeconds(options.Seconds);
        using ServerProcess server = ServerProcess.StartLongwire();
        var text = new StringBuilder();
        for (int round = 0; round <= options.Rounds; round++)
        {
            double socket = await scenarios.PublishAsync(server, Target.Hub, members);
            double events = await HttpCrowd.MeasureAsync(server, byEvents: true, members, window);
            double polling = await HttpCrowd.MeasureAsync(server, byEvents: false, members, window);
            // The first compiles what runs.
            if (round > 0)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{members:N0} members, µs of the server's CPU for a delivery: WebSocket {1e6 / socket:0.00}, "
                        + $"server-sent events {1e6 / events:0.00}, long polling {1e6 / polling:0.00}\n"
                );
            }
        }

        return text.ToString();
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

        _state = await StateFigures.MeasureAsync() + await TraceFigures.MeasureAsync() + await LimitFigures.MeasureAsync(rounds: 41);
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

            foreach (bool byEvents in (bool[])[true, false])
            {
                string name = byEvents ? "the hub, by server-sent events" : "the hub, by long polling";
                Say(round, name);
                Add(name, Sizes[0], await HttpCrowd.MeasureAsync(longwire, byEvents, Sizes[0], TimeSpan.FromSeconds(options.Seconds)));
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

    private string _state = "";

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
        return text.Append(_state).ToString();
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
