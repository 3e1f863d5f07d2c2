namespace Longwire.Transport.Linux.Tests;

public class SocketTimersTests
{
    [Fact]
    public void A_timer_is_taken_once_at_its_tick_and_not_before()
    {
        var timers = new SocketTimers();
        timers.Set(3, 10);

        Assert.Empty(Take(timers, 9));
        Assert.Equal([3], Take(timers, 10));
        Assert.Empty(Take(timers, 5000));
        Assert.Equal(0, timers.Count);
    }

    [Fact]
    public void A_timer_that_is_set_again_is_moved()
    {
        var timers = new SocketTimers();
        timers.Set(1, 5);
        timers.Set(1, 2000);

        Assert.Empty(Take(timers, 1999));
        Assert.Equal([1], Take(timers, 2000));
    }

    [Fact]
    public void A_cleared_timer_is_not_taken()
    {
        var timers = new SocketTimers();
        timers.Set(1, 5);
        timers.Set(2, 5);
        timers.Set(3, 5);
        timers.Clear(2);

        Assert.Equal([1, 3], Take(timers, 5).Order());
    }

    [Fact]
    public void The_next_bucket_with_a_timer_is_found_across_the_wheels_seam()
    {
        var timers = new SocketTimers();
        timers.Set(0, 1000);
        Assert.Empty(Take(timers, 999));
        timers.Clear(0);
        timers.Set(0, 1100);

        Assert.Equal(1, timers.TicksUntilNext(1000));
        Assert.Empty(Take(timers, 1000));
        Assert.Equal(100, timers.TicksUntilNext(1000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_wheel_agrees_with_a_sorted_list(int seed)
    {
        var random = new Random(seed);
        var timers = new SocketTimers();
        var oracle = new Dictionary<int, int>();
        int now = 1;
        for (int step = 0; step < 20_000; step++)
        {
            int slot = random.Next(200);
            switch (random.Next(4))
            {
                case 0 or 1:
                    int due = now + 1 + random.Next(random.Next(2) == 0 ? 20 : 4000);
                    timers.Set(slot, due);
                    oracle[slot] = due;
                    break;
                case 2:
                    timers.Clear(slot);
                    oracle.Remove(slot);
                    break;
                default:
                    now += random.Next(random.Next(10) == 0 ? 3000 : 30);
                    int[] expected = [.. oracle.Where(timer => timer.Value <= now).Select(timer => timer.Key).Order()];
                    foreach (int key in expected)
                    {
                        oracle.Remove(key);
                    }

                    Assert.Equal(expected, Take(timers, now).Order());
                    if (oracle.Count > 0)
                    {
                        Assert.True(now + timers.TicksUntilNext(now) <= oracle.Values.Min(), $"seed {seed}, step {step}");
                    }

                    break;
            }

            Assert.Equal(oracle.Count, timers.Count);
        }
    }

    private static List<int> Take(SocketTimers timers, int tick)
    {
        var taken = new List<int>();
        while (timers.TryTakeDue(tick, out int slot))
        {
            taken.Add(slot);
        }

        return taken;
    }
}
