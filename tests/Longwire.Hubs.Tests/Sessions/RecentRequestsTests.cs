namespace Longwire.Hubs.Tests;

public sealed class RecentRequestsTests
{
    private static readonly DateTimeOffset _start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_more_ids_are_remembered_than_allowed_and_the_oldest_goes_first()
    {
        var recent = new RecentRequests(maxIds: 3, TimeSpan.FromMinutes(2));
        for (int offset = 1; offset <= 4; offset++)
        {
            recent.Add(ClientMessageType.Message, "m" + offset, _start, new("room", offset));
        }

        Assert.False(recent.TryGet(ClientMessageType.Message, "m1", _start, out _));
        Assert.True(recent.TryGet(ClientMessageType.Message, "m2", _start, out RecentRequests.Acknowledged ack));
        Assert.Equal(2, ack.Offset);
    }

    [Fact]
    public void Nothing_is_remembered_when_no_ids_may_be()
    {
        var recent = new RecentRequests(maxIds: 0, TimeSpan.FromMinutes(2));
        recent.Add(ClientMessageType.Message, "m1", _start, default);
        Assert.False(recent.TryGet(ClientMessageType.Message, "m1", _start, out _));
    }
}
