using Longwire.Cli.Serve;

namespace Longwire.Cli.Tests;

public sealed class MemoryTrimTests
{
    [Fact]
    public void Is_due_once_when_a_crowd_has_come_and_settled_and_once_when_it_has_gone()
    {
        using var trim = new MemoryTrim(null!);
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
            counts.Select(look => trim.IsDue(look.Item1, look.Item2))
        );
    }

    [Fact]
    public void Is_due_when_a_crowd_came_and_went_between_two_looks()
    {
        using var trim = new MemoryTrim(null!);
        (long, int)[] counts = [(0, 0), (3000, 0), (3000, 0), (3000, 0)];
        Assert.Equal([false, false, true, false], counts.Select(look => trim.IsDue(look.Item1, look.Item2)));
    }

    [Fact]
    public void Is_never_due_for_a_few()
    {
        using var trim = new MemoryTrim(null!);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.False(trim.IsDue(i * 40, 5)));
    }
}
