namespace Longwire.Hubs.Client.Tests;

/// <summary>Pages, changes and beginnings that cross on their way.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public void A_page_that_was_asked_for_before_all_began_anew_is_thrown_away()
    {
        var replica = new Replica<string>();
        int beginnings = replica.Beginnings;
        replica.Reset();
        replica.TakePage(beginnings, () => Page(replica, "lost", 7));
        Assert.Null(replica.Find("lost"));
        Assert.Equal(0, replica.Next);
        replica.TakePage(replica.Beginnings, () => Page(replica, "kept", 5));
        Assert.Equal(("kept", 5L), replica.Find("kept"));
        Assert.True(replica.IsComplete);
    }

    [Fact]
    public void A_whole_map_begins_anew_and_a_part_of_it_does_not()
    {
        var replica = new Replica<string>();
        replica.Begin(isWhole: true);
        Page(replica, "key", 1);
        int beginnings = replica.Beginnings;
        replica.Begin(isWhole: false);
        Assert.Equal(beginnings, replica.Beginnings);
        Assert.NotNull(replica.Find("key"));
        replica.Begin(isWhole: true);
        Assert.NotEqual(beginnings, replica.Beginnings);
        Assert.Null(replica.Find("key"));
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 0)]
    public void Pages_of_the_whole_are_read_on_after_an_absence_and_those_of_what_changed_begin_anew(bool isWhole, long next)
    {
        var replica = new Replica<string>();
        Page(replica, "old", 1);
        replica.Begin(isWhole);
        replica.Take("changed", "changed", 5);
        replica.End(next: 5, version: 0, isWhole);
        replica.DropPart();
        Assert.Equal(next, replica.Next);
        Assert.Equal(isWhole, replica.Find("changed") is not null);
        Page(replica, "all", 6);
        replica.DropPart();
        Assert.True(replica.IsComplete);
    }

    private static void Page(Replica<string> replica, string key, long version)
    {
        replica.Take(key, key, version);
        replica.End(next: null, version: 0, isWhole: true);
    }
}
