using Longwire.Cli.Serve;

namespace Longwire.Cli.Tests;

public sealed class MemoryTrimTests
{
    [Fact]
    public void Is_due_once_when_a_crowd_has_come_and_settled_and_once_when_it_has_gone()
    {
        using var trim = new MemoryTrim(null!);
        int[] counts = [0, 500, 5000, 9000, 9010, 9020, 9000, 4000, 3, 2, 2];
        Assert.Equal([false, false, false, false, true, false, false, false, false, true, false], counts.Select(trim.IsDue));
    }

    [Fact]
    public void Is_due_when_a_crowd_came_and_went_without_ever_settling()
    {
        using var trim = new MemoryTrim(null!);
        int[] counts = [0, 3000, 0, 0, 0];
        Assert.Equal([false, false, false, true, false], counts.Select(trim.IsDue));
    }

    [Fact]
    public void Is_never_due_for_a_few()
    {
        using var trim = new MemoryTrim(null!);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.False(trim.IsDue(i * 7 % (MemoryTrim.Crowd / 10))));
    }
}
