using Longwire.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.AspNetCore.Tests;

public sealed class MemoryTrimTests
{
    [Fact]
    public void Is_due_once_when_a_crowd_has_come_and_settled_and_once_when_it_has_gone()
    {
        var time = new ManualTimeProvider();
        using MemoryTrim trim = Trim(time);
        (long, int)[] counts =
        [
            (0, 0),
            (500, 500),
            (5000, 5000),
            (9000, 9000),
            (9010, 9010),
            (9020, 9020),
            (9020, 8000),
            (9020, 3),
            (9022, 5),
            (9022, 5),
        ];
        Assert.Equal(
            [false, false, false, false, true, false, false, false, true, false],
            counts.Select(look =>
            {
                time.Advance(MemoryTrim.Pause / 4);
                return trim.IsDue(look.Item1, look.Item2);
            })
        );
    }

    [Fact]
    public void Is_due_when_a_crowd_came_and_went_between_two_looks()
    {
        using MemoryTrim trim = Trim();
        (long, int)[] counts = [(0, 0), (3000, 0), (3000, 0), (3000, 0)];
        Assert.Equal([false, false, true, false], counts.Select(look => trim.IsDue(look.Item1, look.Item2)));
    }

    [Fact]
    public void Is_never_due_for_a_few()
    {
        using MemoryTrim trim = Trim();
        Assert.All(Enumerable.Range(0, 1000), i => Assert.False(trim.IsDue(i * 40, 5)));
    }

    [Fact]
    public void Is_due_again_a_minute_later_at_the_soonest()
    {
        var time = new ManualTimeProvider();
        using MemoryTrim trim = Trim(time);
        Assert.False(trim.IsDue(2000, 2000));
        Assert.True(trim.IsDue(2000, 2000));
        Assert.False(trim.IsDue(4000, 4000));
        time.Advance(MemoryTrim.Pause - TimeSpan.FromSeconds(1));
        Assert.False(trim.IsDue(4000, 4000));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(trim.IsDue(4000, 4000));
    }

    [Fact]
    public void Is_never_due_where_the_application_has_a_large_heap_of_its_own()
    {
        long heap = MemoryTrim.OtherHeapBytes + (2000 * MemoryTrim.BytesOfAConnection) + 1;
        using MemoryTrim trim = Trim(heap: () => heap);
        Assert.False(trim.IsDue(2000, 2000));
        Assert.False(trim.IsDue(2000, 2000));
        heap--;
        Assert.True(trim.IsDue(2000, 2000));
    }

    private static MemoryTrim Trim(TimeProvider? time = null, Func<long>? heap = null) =>
        new(null!, NullLogger<MemoryTrim>.Instance, time, heap ?? (static () => 0));
}
