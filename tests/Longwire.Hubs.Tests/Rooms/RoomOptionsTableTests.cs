namespace Longwire.Hubs.Tests;

public sealed class RoomOptionsTableTests
{
    [Fact]
    public void The_name_wins_then_the_longest_prefix_then_the_default()
    {
        var table = new RoomOptionsTable();
        RoomOptions chat = new(),
            chatVip = new(),
            exact = new();
        table.Add("chat:*", chat).Add("chat:vip:*", chatVip).Add("chat:vip:1", exact);
        Assert.Same(exact, table.Find("chat:vip:1"));
        Assert.Same(chatVip, table.Find("chat:vip:2"));
        Assert.Same(chat, table.Find("chat:3"));
        Assert.Same(table.Default, table.Find("chat"));
        table.Default = null;
        Assert.Null(table.Find("chat"));
    }

    [Fact]
    public void A_star_may_stand_at_the_end_only_and_a_pattern_be_added_once()
    {
        RoomOptionsTable table = new RoomOptionsTable().Add("a*", new RoomOptions()).Add("b", new RoomOptions());
        Assert.Throws<ArgumentException>(() => table.Add("a*b", new RoomOptions()));
        Assert.Throws<ArgumentException>(() => table.Add("a*", new RoomOptions()));
        Assert.Throws<ArgumentException>(() => table.Add("b", new RoomOptions()));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add("c", new RoomOptions { MaxMembers = 0 }));
        Assert.NotNull(new RoomOptionsTable().Add("*", new RoomOptions()).Find("anything"));
    }
}
