using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A user's own room costs nothing until something is said in it, and nobody notices that it was not there before.</summary>
public sealed class UserRoomTests
{
    private static readonly HubNotification _first = new("first", "");
    private static readonly HubNotification _second = new("second", "");

    [Fact]
    public async Task The_first_that_is_said_to_a_user_reaches_every_session()
    {
        await using TestHub hub = await TestHub.StartAsync();
        TestClient[] ann = [await hub.ConnectAsAsync("ann"), await hub.ConnectAsAsync("ann")];
        await hub.Hub.NotifyUserAsync("ann", _first);
        TestClient late = await hub.ConnectAsAsync("ann");
        await hub.Hub.NotifyUserAsync("ann", _second);
        foreach (TestClient client in ann)
        {
            Assert.Equal(("first", 1), TitleAndOffset(await client.NextAsync("notification")));
            Assert.Equal(("second", 2), TitleAndOffset(await client.NextAsync("notification")));
        }

        Assert.Equal(("second", 2), TitleAndOffset(await late.NextAsync("notification")));
    }

    [Fact]
    public async Task A_guest_is_a_user_too()
    {
        await using TestHub hub = await TestHub.StartAsync(options => options.AllowGuests = true);
        TestClient guest = await hub.ConnectAsync();
        await hub.Hub.NotifyUserAsync(guest.ClientId, _first);
        await guest.NextAsync("notification");
    }

    [Fact]
    public async Task It_opens_for_all_sessions_when_one_joins_it()
    {
        await using TestHub hub = await TestHub.StartAsync();
        TestClient one = await hub.ConnectAsAsync("ann");
        TestClient two = await hub.ConnectAsAsync("ann");
        Assert.Equal(0, (await one.JoinAsync("$me")).Number("offset"));
        await hub.Hub.NotifyUserAsync("ann", _first);
        Assert.Equal(1, (await one.NextAsync("notification")).Number("offset"));
        Assert.Equal(1, (await two.NextAsync("notification")).Number("offset"));
    }

    [Fact]
    public async Task What_was_said_while_nobody_was_there_can_be_had()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Hub.NotifyUserAsync("ann", _first);
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement history = await ann.AskAsync("""{"type":"history","room":"$me"}""", "history");
        Assert.Equal("first", Assert.Single(history.GetProperty("messages").EnumerateArray()).Text("title"));
        JsonElement joined = await ann.AskAsync("""{"type":"join-room","room":"$me","history":5}""", "joined-room");
        Assert.Single(joined.GetProperty("messages").EnumerateArray());
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_a_cut_node_missed_is_told_in_order_when_it_is_back()
    {
        MemoryHubEngine? engine = null;
        var store = new MemoryHubStore();
        await using var other = new Hub(engine: new MemoryHubEngine(store));
        await other.StartAsync();
        await using TestHub hub = await TestHub.StartAsync(wrapEngine: _ => engine = new MemoryHubEngine(store));
        TestClient ann = await hub.ConnectAsAsync("ann");
        engine!.Cut();
        await other.NotifyUserAsync("ann", _first);
        await other.NotifyUserAsync("ann", _second);
        engine.Heal();
        Assert.Equal(("first", 1), TitleAndOffset(await ann.NextAsync("notification")));
        Assert.Equal(("second", 2), TitleAndOffset(await ann.NextAsync("notification")));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task It_goes_with_the_last_session_and_comes_back_with_the_next()
    {
        await using TestHub hub = await TestHub.StartAsync(options => options.ResumeWindow = TimeSpan.Zero);
        for (int offset = 1; offset <= 3; offset++)
        {
            TestClient ann = await hub.ConnectAsAsync("ann");
            await hub.Hub.NotifyUserAsync("ann", _first);
            Assert.Equal(offset, (await ann.NextAsync("notification")).Number("offset"));
            await ann.CloseAsync();
            await Eventually.TrueAsync(() => hub.Hub.Sessions.Accounts.SessionsOf("ann").Length == 0);
        }

        await Eventually.TrueAsync(() => !hub.Hub.IsOwing && hub.Hub.Rooms.Find(RoomNames.OfUser("ann")) is null);
    }

    private static (string? Title, long Offset) TitleAndOffset(JsonElement notification) =>
        (notification.Text("title"), notification.Number("offset"));
}
