namespace Longwire.Soak.Tests;

/// <summary>Clients come back after a restart, spread; clients that don't are found.</summary>
public sealed class StormTests
{
    [Fact]
    public async Task Clients_come_back_after_a_hand_over_and_after_a_kill_spread_over_the_time_with_what_they_have_published()
    {
        using var output = new StringWriter();
        Assert.True(await RunAsync(StormFault.None, output), output.ToString());
    }

    [Theory]
    [InlineData(nameof(StormFault.NoJitter), "make attempt 1 within the same tenth of 1.0 s")]
    [InlineData(nameof(StormFault.SameTime), "make attempt 1 within the same tenth of 0.4 s")]
    [InlineData(nameof(StormFault.StaysAway), "2 clients are not back")]
    [InlineData(nameof(StormFault.AllAtOnce), "40 clients a second came over 5 s, where 20 are the rate")]
    public async Task A_planted_fault_is_found(string fault, string found)
    {
        using var output = new StringWriter();
        Assert.False(await RunAsync(Enum.Parse<StormFault>(fault), output), output.ToString());
        Assert.Contains(found, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1_000, 0)]
    [InlineData("0 400 999 1000 1100", 1_000, 4)]
    [InlineData("0 400 999 1000 1100", 5_000, 5)]
    [InlineData("0 1000 2000", 1_000, 1)]
    [InlineData("7 7 7", 1_000, 3)]
    public void The_most_within_a_span_are_counted(string times, long span, int most) =>
        Assert.Equal(most, StormRate.MostWithin([.. times.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)], span));

    private static Task<bool> RunAsync(StormFault fault, StringWriter output)
    {
        // Those that come all at once come faster than a rate that 200 clients take seconds for.
        int rate = fault == StormFault.AllAtOnce ? 20 : 500;
        var options = new StormOptions(Clients: 200, rate, SoakTransport.Kestrel, Environment.TickCount, fault);
        return new Storm(options, output).RunAsync().WaitAsync(TimeSpan.FromMinutes(5));
    }
}
