using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

public sealed class MemoryBlocksTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    [Fact]
    public void No_more_than_100_000_are_kept_and_those_that_have_ended_make_room()
    {
        var time = new HubTestClock();
        var blocks = new MemoryBlocks(time);
        Add("0", _hour);
        for (int number = 1; number < IUserStore.MaxBlocks; number++)
        {
            Add($"{number}", _hour * 3);
        }

        string full = Assert.Throws<InvalidOperationException>(() => Add("one more", _hour)).Message;
        Assert.Equal("100,000 bans and revocations are kept already. Lift some, or let them end earlier.", full);
        // One that is there already takes no more room.
        Add("0", _hour * 2);
        time.Advance(_hour);
        Assert.Throws<InvalidOperationException>(() => Add("one more", _hour));
        time.Advance(_hour);
        AccessBlock last = Add("one more", _hour);
        IReadOnlyList<AccessBlock> all = blocks.Read(0, int.MaxValue);
        Assert.Equal(IUserStore.MaxBlocks, all.Count);
        Assert.Equal(last, all[^1]);

        AccessBlock Add(string name, TimeSpan duration) =>
            blocks.Add(new AccessBlock(AccessBlockKind.BannedUser, name, time.GetUtcNow(), time.GetUtcNow() + duration), []);
    }
}
