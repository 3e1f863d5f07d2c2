namespace Longwire.Tests;

public sealed class WebSocketConnectionOptionsTests
{
    [Fact]
    public void The_defaults_are_those_that_the_documentation_states()
    {
        WebSocketConnectionOptions options = WebSocketConnectionOptions.Default;
        Assert.Equal(
            (1 << 20, 131_072, 1 << 20, 64 << 10),
            (options.MaxMessageBytes, options.MaxFragments, options.SendQueueBytes, options.ReceiveQueueBytes)
        );
        Assert.Equal(SendQueueFullMode.Wait, options.SendQueueFullMode);
        Assert.Equal((30, 20, 5), (options.PingInterval.TotalSeconds, options.PongTimeout.TotalSeconds, options.CloseTimeout.TotalSeconds));
        Assert.Equal(Timeout.InfiniteTimeSpan, options.IdleTimeout);
        Assert.Equal(240, options.MinDataRateBytesPerSecond);
        Assert.Same(MemoryBudget.Shared, options.MemoryBudget);
        Assert.Same(TimeProvider.System, options.TimeProvider);
    }

    [Fact]
    public void A_limit_or_time_that_makes_no_sense_is_the_callers_fault()
    {
        Action[] wrong =
        [
            () => _ = new WebSocketConnectionOptions { MaxMessageBytes = 0 },
            () => _ = new WebSocketConnectionOptions { MaxMessageBytes = (1 << 30) + 1 },
            () => _ = new WebSocketConnectionOptions { MaxFragments = 0 },
            () => _ = new WebSocketConnectionOptions { SendQueueBytes = 0 },
            () => _ = new WebSocketConnectionOptions { ReceiveQueueBytes = -1 },
            () => _ = new WebSocketConnectionOptions { PingInterval = TimeSpan.Zero },
            () => _ = new WebSocketConnectionOptions { PongTimeout = TimeSpan.FromSeconds(-2) },
            () => _ = new WebSocketConnectionOptions { IdleTimeout = TimeSpan.Zero },
            () => _ = new WebSocketConnectionOptions { MinDataRateBytesPerSecond = -1 },
            () => _ = new WebSocketConnectionOptions { CloseTimeout = TimeSpan.Zero },
        ];
        Assert.All(wrong, make => Assert.Throws<ArgumentOutOfRangeException>(make));
    }

    [Fact]
    public void A_copy_with_another_limit_leaves_the_original_alone()
    {
        var original = new WebSocketConnectionOptions { MaxMessageBytes = 5 };
        WebSocketConnectionOptions copy = original with { MaxFragments = 7 };
        Assert.Equal((5, 131_072, 5, 7), (original.MaxMessageBytes, original.MaxFragments, copy.MaxMessageBytes, copy.MaxFragments));
    }

    [Fact]
    public void The_longest_and_the_shortest_times_overflow_nothing()
    {
        foreach (TimeSpan time in (TimeSpan[])[TimeSpan.MaxValue, TimeSpan.FromTicks(1)])
        {
            var bench = new Bench(
                options: new WebSocketConnectionOptions
                {
                    PingInterval = time,
                    PongTimeout = time,
                    IdleTimeout = time,
                    CloseTimeout = time,
                }
            );
            bench.Advance(1);
            bench.Connection.TryClose(CloseStatus.NormalClosure);
            bench.Advance(1);
            Assert.Equal(time != TimeSpan.MaxValue, bench.Transport.Closed);
        }
    }
}
