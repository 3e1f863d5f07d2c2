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

    private static void Page(Replica<string> replica, string key, long version)
    {
        replica.Take(key, key, version);
        replica.End(next: null, version: 0, isWhole: true);
    }
}
