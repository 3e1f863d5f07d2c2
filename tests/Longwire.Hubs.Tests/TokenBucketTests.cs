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

    [Fact]
    public void Of_bytes_a_message_may_take_more_than_there_are_and_the_next_waits_until_there_is_one()
    {
        var time = new HubTestClock();
        var rate = new ByteRateOptions { BytesPerSecond = 1_000, Burst = 500 };
        var clock = new MonotonicClock(time);
        TokenBucket bucket = default;
        Assert.True(bucket.TryTake(rate, 499, clock.Now, out _));
        Assert.True(bucket.TryTake(rate, 2_001, clock.Now, out _));
        Assert.False(bucket.TryTake(rate, 1, clock.Now, out TimeSpan retryAfter));
        Assert.Equal(2_000, retryAfter.TotalMilliseconds, precision: 3);
        time.Advance(retryAfter);
        Assert.True(bucket.TryTake(rate, 1, clock.Now, out _));
    }

    [Fact]
    public void Of_bytes_the_rate_comes_through_however_they_are_parted()
    {
        const int Seed = 20300101;
        var random = new Random(Seed);
        var time = new HubTestClock();
        var rate = new ByteRateOptions { BytesPerSecond = 1_000_000, Burst = 10_000 };
        var clock = new MonotonicClock(time);
        TokenBucket bucket = default;
        long taken = 0;
        for (int millisecond = 0; millisecond < 10_000; millisecond++)
        {
            for (int bytes = random.Next(1, 500); bucket.TryTake(rate, bytes, clock.Now, out _); bytes = random.Next(1, 500))
            {
                taken += bytes;
            }

            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(taken, 9_900_000, 10_020_000);
    }
}
