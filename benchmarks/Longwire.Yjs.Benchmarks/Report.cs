using System.Globalization;
using System.Text;

namespace Longwire.Yjs.Benchmarks;

/// <summary>Measures everything, the servers in turn, and writes tables of medians and how the servers compare.</summary>
internal sealed class Report
{
    private readonly Dictionary<string, Measures> _measures = [];
    private readonly BenchmarkOptions _options;

    private Report(BenchmarkOptions options) => _options = options;

    public static async Task<string> MakeAsync(BenchmarkOptions options)
    {
        var report = new Report(options);
        await report.MeasureAsync();
        Console.Error.WriteLine("updates");
        var updates = new Updates();
        return report.Write(updates.Longwire(options.Seconds), await updates.PeerAsync(options.Seconds));
    }

    private async Task MeasureAsync()
    {
        using var scenarios = new Scenarios(_options);
        for (int round = 1; round <= _options.Rounds; round++)
        {
            foreach (Func<ServerProcess> start in (Func<ServerProcess>[])[ServerProcess.StartLongwire, ServerProcess.StartPeer])
            {
                using (ServerProcess server = start())
                {
                    Measures measures = Of(server.Name);
                    Say("one writes");
                    measures.Observed.Add(await scenarios.ObserveAsync(server));
                    if (server.Name == ServerProcess.Longwire)
                    {
                        Say("a plain broadcast");
                        Of(ServerProcess.Plain).Observed.Add(await scenarios.ObserveAsync(server, plain: true));
                    }

                    Say("cursors");
                    measures.Shown.Add(await scenarios.ShowAsync(server));

                    void Say(string what) => Console.Error.WriteLine($"round {round} of {_options.Rounds}: {server.Name}: {what}");
                }

                // The most memory is that of the whole process: a fresh one.
                using ServerProcess fresh = start();
                Console.Error.WriteLine($"round {round} of {_options.Rounds}: {fresh.Name}: joins");
                Of(fresh.Name).Joined.Add(await scenarios.JoinAsync(fresh));
            }
        }
    }

    private string Write(UpdateRates ours, UpdateRates theirs)
    {
        Measures longwire = Of(ServerProcess.Longwire);
        Measures peer = Of(ServerProcess.Peer);
        Measures plain = Of(ServerProcess.Plain);
        (string Name, Measures Measures)[] servers = [(ServerProcess.Longwire, longwire), (ServerProcess.Peer, peer)];
        var text = new StringBuilder();
        Line($"**One writes, {_options.Observers:N0} read**\n");
        Line($"| server | deliveries per server CPU second | median | p99 |\n| --- | ---: | ---: | ---: |");
        foreach ((string name, Measures measures) in servers.Append((ServerProcess.Plain, plain)))
        {
            Line($"| {name} | {measures.PerCpuSecond:N0} | {measures.MedianTime:F2} ms | {measures.P99Time:F2} ms |");
        }

        Line($"\n**{_options.People:N0} show their cursors once a second**\n\n| server | of a core |\n| --- | ---: |");
        foreach ((string name, Measures measures) in servers)
        {
            Line($"| {name} | {measures.ShareOfCore:P1} |");
        }

        Line($"\n**{_options.Joins:N0} join a document of {_options.DocumentMebibytes} MiB at once**\n");
        Line(
            $"| server | server CPU seconds | until all have it | most memory beyond the empty server's, over the document |\n| --- | ---: | ---: | ---: |"
        );
        foreach ((string name, Measures measures) in servers)
        {
            Line($"| {name} | {measures.JoinCpuSeconds:F2} | {measures.JoinSeconds:F1} s | {measures.JoinPeak:F1}× |");
        }

        Line($"\n**Updates without a connection, one thread, MiB/s**\n");
        Line(
            $"| | merge of {Updates.Strokes:N0} strokes of keys | of the halves of {Updates.DocumentMebibytes} MiB | difference |\n| --- | ---: | ---: | ---: |"
        );
        Line($"| longwire | {ours.Strokes:N1} | {ours.Halves:N0} | {ours.Difference:N0} |");
        Line($"| yjs 13.6 (Node) | {theirs.Strokes:N1} | {theirs.Halves:N0} | {theirs.Difference:N0} |");

        Line($"\n**{ServerProcess.Longwire} beside {ServerProcess.Peer}**\n\n| | |\n| --- | ---: |");
        Line(
            $"| one writes, {_options.Observers:N0} read: deliveries per server CPU second | {longwire.PerCpuSecond / peer.PerCpuSecond:F1}× |"
        );
        Line($"| cursors of {_options.People:N0}: CPU seconds | {peer.ShareOfCore / longwire.ShareOfCore:F1}× fewer |");
        Line($"| {_options.Joins:N0} joins: CPU seconds | {peer.JoinCpuSeconds / longwire.JoinCpuSeconds:F1}× fewer |");
        Line($"| merge of strokes | {ours.Strokes / theirs.Strokes:F1}× |");
        Line($"| merge of halves | {ours.Halves / theirs.Halves:F1}× |");
        Line($"| difference | {ours.Difference / theirs.Difference:F1}× |");
        Line(
            $"| added to a plain broadcast's latency: median, p99 | {longwire.MedianTime - plain.MedianTime:+0.00;-0.00} ms, {longwire.P99Time - plain.P99Time:+0.00;-0.00} ms |"
        );
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private Measures Of(string server)
    {
        if (!_measures.TryGetValue(server, out Measures? measures))
        {
            _measures.Add(server, measures = new Measures());
        }

        return measures;
    }
}
