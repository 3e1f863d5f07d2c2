using System.Globalization;
using System.Text;

namespace Longwire.Game.Benchmarks;

/// <summary>Measures everything, the servers in turn, and writes a table of medians.</summary>
internal sealed class Report(BenchmarkOptions options)
{
    private readonly List<TickFigures> _bare = [];
    private readonly List<GameFigures> _game = [];
    private readonly List<GameFigures> _whole = [];
    private readonly List<GameFigures> _peer = [];

    private TimeSpan Window => TimeSpan.FromSeconds(options.Seconds);

    public static async Task<string> MakeAsync(BenchmarkOptions options)
    {
        var report = new Report(options);
        await report.MeasureAsync();
        return report.Write();
    }

    private async Task MeasureAsync()
    {
        using ServerProcess bare = ServerProcess.StartLongwire();
        using ServerProcess longwire = ServerProcess.StartLongwire();
        await bare.GetAsync("/bare");
        Say("settling");
        // Code that compiles as it runs is to have compiled: .NET does that again for what is called often.
        await PlayAsync(longwire, Window * 2, acknowledges: true);
        GameFigures settled = await PlayAsync(longwire, Window, acknowledges: false);
        using ServerProcess peer = ServerProcess.StartPeer((int)(settled.BytesPerPlayer / settled.FramesPerPlayer));
        for (int round = 1; round <= options.Rounds; round++)
        {
            Say($"round {round} of {options.Rounds}");
            await bare.GetAsync("/begin");
            await Task.Delay(Window);
            _bare.Add(await bare.TicksAsync());
            _game.Add(await PlayAsync(longwire, Window, acknowledges: true));
            _whole.Add(await PlayAsync(longwire, Window, acknowledges: false));
            _peer.Add(await PlayAsync(peer, Window, acknowledges: false, isPeer: true));
        }
    }

    private async Task<GameFigures> PlayAsync(ServerProcess server, TimeSpan window, bool acknowledges, bool isPeer = false)
    {
        await using Crowd crowd = await Crowd.ConnectAsync(server, options.Players, acknowledges, isPeer);
        return await crowd.PlayAsync(Window / 3, window);
    }

    private string Write()
    {
        var bare = new TickFigures(Median(_bare, static ticks => ticks.PerSecond), Median(_bare, static ticks => ticks.Jitter));
        GameFigures game = Median(_game);
        GameFigures whole = Median(_whole);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{options.Players} players and 100 bots, 60 steps a second**\n\n");
        text.Append(
            "| | % of a core | ticks a second | 99 of 100 ticks from even, ms | frames a second and player | B a second and player |\n"
        );
        text.Append("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"| a bare loop: a timer of .NET that does nothing | | {bare.PerSecond:0.0} | {bare.Jitter:0.00} | | |\n"
        );
        Row("the game, differences from what a player has acknowledged", game);
        Row("the same game, whole snapshots", whole);
        Row("npm `ws`, so many bytes 60 times a second, without a world", Median(_peer));
        text.Append('\n');
        foreach (string line in Verdict.Of(game, whole, bare))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        }

        return text.ToString();

        void Row(string name, GameFigures figures) =>
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {100 * figures.Cores:0} | {figures.Ticks.PerSecond:0.0} | {figures.Ticks.Jitter:0.00} | {figures.FramesPerPlayer:0.0} | {figures.BytesPerPlayer:N0} |\n"
            );
    }

    private static void Say(string what) => Console.Error.WriteLine(what);

    private static GameFigures Median(List<GameFigures> rounds) =>
        new(
            Median(rounds, static round => round.Cores),
            new TickFigures(Median(rounds, static round => round.Ticks.PerSecond), Median(rounds, static round => round.Ticks.Jitter)),
            Median(rounds, static round => round.BytesPerPlayer),
            Median(rounds, static round => round.FramesPerPlayer)
        );

    private static double Median<T>(List<T> rounds, Func<T, double> figure)
    {
        double[] sorted = [.. rounds.Select(figure).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
