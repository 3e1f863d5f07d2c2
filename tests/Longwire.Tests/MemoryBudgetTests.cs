namespace Longwire.Tests;

public sealed class MemoryBudgetTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public async Task Of_those_that_hold_more_than_the_process_may_the_ones_without_progress_end_and_all_others_go_on()
    {
        var budget = new MemoryBudget(8 * Megabyte);
        WebSocketConnectionOptions options = new()
        {
            MaxMessageBytes = 64 * Megabyte,
            MemoryBudget = budget,
            MinDataRateBytesPerSecond = 0,
        };
        var time = new ManualTimeProvider();
        Bench[] idle = [.. Enumerable.Range(0, 16).Select(_ => new Bench(options: options, time: time))];
        var busy = new Bench(options: options, time: time);
        var small = new Bench(options: options, time: time);
        small.Transport.Feed(Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a small message"))[..8]);
        foreach (Bench bench in idle)
        {
            bench.Transport.Feed(Wire.To(WebSocketRole.Server, 2, new byte[Megabyte / 2], fin: false));
            busy.Transport.Feed(Wire.To(WebSocketRole.Server, (byte)(bench == idle[0] ? 2 : 0), new byte[Megabyte / 4], fin: false));
            bench.Advance(2);
        }

        await WaitUntilAsync(() => idle.Count(static bench => bench.Transport.Aborted) == budget.EndedConnections);
        Assert.InRange(budget.EndedConnections, 4, 16);
        Assert.InRange(budget.UsedBytes, 1, 8 * Megabyte);
        Assert.All(
            idle.Where(static bench => bench.Transport.Aborted),
            static bench => Assert.Equal(ConnectionAbortCause.OverBudget, bench.Connection.AbortCause)
        );
        Assert.False(busy.Transport.Closed);
        Assert.False(small.Transport.Closed);
    }

    [Fact]
    public async Task What_waits_to_be_sent_counts_and_is_given_back()
    {
        var budget = new MemoryBudget(4 * Megabyte);
        WebSocketConnectionOptions options = new() { MemoryBudget = budget };
        Bench[] benches = [.. Enumerable.Range(0, 10).Select(_ => new Bench(options: options))];
        foreach (Bench bench in benches)
        {
            bench.Transport.HoldsFlushes = true;
            bench.Connection.TrySend(new byte[900_000], MessageType.Binary);
        }

        await WaitUntilAsync(() => benches.Count(static bench => bench.Transport.Aborted) == budget.EndedConnections);
        Assert.InRange(budget.EndedConnections, 5, 8);
        foreach (Bench bench in benches.Where(static bench => !bench.Transport.Aborted))
        {
            bench.Transport.ReleaseFlush();
            Assert.Single(bench.Transport.PeerSees());
        }

        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void A_message_that_is_shared_by_all_its_receivers_is_not_held_by_each()
    {
        var budget = new MemoryBudget(Megabyte);
        var message = new PreparedMessage(new byte[900_000], MessageType.Binary);
        for (int i = 0; i < 100; i++)
        {
            var bench = new Bench(options: new WebSocketConnectionOptions { MemoryBudget = budget });
            bench.Transport.HoldsFlushes = true;
            Assert.True(bench.Connection.TrySend(message));
        }

        Assert.Equal((0, 0), (budget.UsedBytes, budget.EndedConnections));
    }

    [Fact]
    public void The_process_has_a_thirty_second_of_what_the_collector_may_use_and_64_MiB_at_least()
    {
        Assert.Equal(Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 32, 64L << 20), MemoryBudget.Shared.LimitBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBudget(1000));
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
