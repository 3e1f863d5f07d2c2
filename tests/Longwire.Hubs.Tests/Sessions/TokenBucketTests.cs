using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

public sealed class TokenBucketTests
{
    [Fact]
    public void A_full_bucket_gives_a_burst_and_then_its_rate()
    {
        var time = new HubTestClock();
        var rate = new RateLimitOptions { MessagesPerSecond = 10, Burst = 3 };
        var clock = new MonotonicClock(time);
        TokenBucket bucket = default;
        for (int count = 0; count < 3; count++)
        {
            Assert.True(bucket.TryTake(rate, clock.Now, out _));
        }

        Assert.False(bucket.TryTake(rate, clock.Now, out TimeSpan retryAfter));
        Assert.Equal(100, retryAfter.TotalMilliseconds, precision: 3);
        time.Advance(retryAfter);
        Assert.True(bucket.TryTake(rate, clock.Now, out _));
        Assert.False(bucket.TryTake(rate, clock.Now, out _));
    }

    [Fact]
    public void It_never_holds_more_than_the_burst()
    {
        var time = new HubTestClock();
        var rate = new RateLimitOptions { MessagesPerSecond = 10, Burst = 2 };
        var clock = new MonotonicClock(time);
        TokenBucket bucket = default;
        time.Advance(TimeSpan.FromDays(1));
        Assert.True(bucket.TryTake(rate, clock.Now, out _));
        Assert.True(bucket.TryTake(rate, clock.Now, out _));
        Assert.False(bucket.TryTake(rate, clock.Now, out _));
    }

    [Fact]
    public void In_the_long_run_exactly_the_rate_comes_through()
    {
        const int Seed = 20300101;
        var random = new Random(Seed);
        var time = new HubTestClock();
        var rate = new RateLimitOptions { MessagesPerSecond = 7, Burst = 5 };
        var clock = new MonotonicClock(time);
        TokenBucket bucket = default;
        int taken = 0;
        DateTimeOffset start = time.GetUtcNow();
        while (time.GetUtcNow() - start < TimeSpan.FromMinutes(10))
        {
            taken += bucket.TryTake(rate, clock.Now, out _) ? 1 : 0;
            time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 50)));
        }

        Assert.InRange(taken, (7 * 600) - 1, (7 * 600) + 6);
    }
}
