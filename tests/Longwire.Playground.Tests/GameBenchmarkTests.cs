using Longwire.Game.Benchmarks;

namespace Longwire.Playground.Tests;

/// <summary>The judge of <c>./bench game</c> sees what is wrong.</summary>
public sealed class GameBenchmarkTests
{
    private static readonly TickFigures _bare = new(60, 0.5);
    private static readonly GameFigures _game = new(0.3, new TickFigures(60, 1), 15_000, 60);
    private static readonly GameFigures _whole = _game with { BytesPerPlayer = 50_000 };

    [Fact]
    public void Even_ticks_have_no_jitter_and_two_late_ones_of_a_hundred_have_theirs()
    {
        TickFigures even = Judge(static _ => 0);
        Assert.Equal(60, even.PerSecond, 3);
        Assert.Equal(0, even.Jitter, 3);
        // Behind a late turn the next comes as much too early, which is as uneven: four intervals of a hundred.
        Assert.InRange(Judge(static tick => tick % 50 == 7 ? 10 : 0).Jitter, 9.9, 10.1);
        Assert.InRange(Judge(static tick => tick == 500 ? 10 : 0).Jitter, 0, 0.1);
    }

    [Fact]
    public void Turns_before_the_beginning_do_not_count_and_too_few_are_no_clock()
    {
        var times = new TickTimes();
        times.Add(TimeSpan.Zero);
        times.Add(TimeSpan.FromSeconds(9));
        times.Begin();
        Assert.Equal(double.PositiveInfinity, times.Judge().Jitter);
        for (int tick = 0; tick < 10; tick++)
        {
            times.Add(TimeSpan.FromSeconds(10 + (tick / 50.0)));
        }

        Assert.Equal(50, times.Judge().PerSecond, 3);
        Assert.Equal(times.Judge(), TickFigures.Parse(times.Judge().ToString()));
    }

    [Fact]
    public void What_keeps_to_all_is_met()
    {
        Assert.All(Verdict.Of(_game, _whole, _bare), static line => Assert.StartsWith("Met: ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.51, 60, 1, 15_000, "51 % of a core")]
    [InlineData(0.3, 60, 2.6, 15_000, "2.1 ms more than a bare loop's")]
    [InlineData(0.3, 50, 1, 15_000, "50.0 ticks a second")]
    [InlineData(0.3, 60, 1, 50_000, "50,000 B a second to each player")]
    public void What_is_too_much_is_missed_and_said(double cores, double perSecond, double jitter, double bytes, string said)
    {
        string missed = Assert.Single(
            Verdict.Of(new GameFigures(cores, new TickFigures(perSecond, jitter), bytes, 60), _whole, _bare),
            static line => line.StartsWith("MISSED: ", StringComparison.Ordinal)
        );
        Assert.Contains(said, missed, StringComparison.Ordinal);
    }

    private static TickFigures Judge(Func<int, double> lateBy)
    {
        var times = new TickTimes();
        for (int tick = 0; tick <= 1_000; tick++)
        {
            times.Add(TimeSpan.FromMilliseconds((tick * 1_000 / 60.0) + lateBy(tick)));
        }

        return times.Judge();
    }
}
