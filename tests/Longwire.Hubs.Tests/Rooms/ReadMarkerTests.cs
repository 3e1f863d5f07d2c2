using System.Text.Json;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs.Tests;

/// <summary>Up to where users have read, on all their devices.</summary>
public abstract class ReadMarkerTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ReadMarkerTests(null);

    public sealed class OnKestrel() : ReadMarkerTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ReadMarkerTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ReadMarkerTests(ServerTransport.IoUring);

    [Fact]
    public async Task Unread_messages_are_counted_after_a_reload_and_on_two_devices_with_maps_and_typing_between()
    {
        await using TestHub hub = await StartAsync();
        TestClient phone = await hub.ConnectAsAsync("ann");
        TestClient laptop = await hub.ConnectAsAsync("ann");
        Assert.Equal((0, 0), ReadAndUnread(await phone.JoinAsync("general")));
        await laptop.JoinAsync("general");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        for (int number = 0; number < 5; number++)
        {
            await bob.SendAsync($$"""{"type":"message","room":"general","content":{{number}}}""");
            await bob.SendAsync($$"""{"type":"map-put","room":"general","key":"cursor","value":{{number}},"id":"{{number}}"}""");
            await bob.UntilAsync("ack");
            await hub.Hub.SendToRoomAsync("general", """{"type":"typing"}"""u8.ToArray());
            await bob.UntilAsync("typing");
        }

        // Messages have the offsets 1, 3, 5, 7 and 9.
        JsonElement third = await UntilOffsetAsync(phone, 5);
        JsonElement ack = await ReadAsync(phone, "general", third.Text("epoch"), 5, id: "r1");
        Assert.Equal(("general", 5, 2), (ack.Text("room"), ack.Number("offset"), ack.Number("unread")));
        JsonElement told = await laptop.UntilAsync("read");
        Assert.Equal(["type", "room", "epoch", "offset", "unread"], told.Names());
        Assert.Equal((5, 2), (told.Number("offset"), told.Number("unread")));
        TestClient reloaded = await hub.ConnectAsAsync("ann");
        Assert.Equal((5, 2), ReadAndUnread(await reloaded.JoinAsync("general")));
        await ReadAsync(laptop, "general", third.Text("epoch"), 9, id: "r2");
        Assert.Equal((9, 0), ReadAndUnread(await JoinAgainAsync(reloaded)));
        await ReadAsync(laptop, "general", third.Text("epoch"), 3, id: "r3");
        Assert.Equal((9, 0), ReadAndUnread(await JoinAgainAsync(reloaded)));
        Assert.Equal((0, 5), ReadAndUnread(await (await hub.ConnectAsAsync("eve")).JoinAsync("general")));
    }

    [Fact]
    public async Task A_message_of_ones_own_is_read_and_so_is_all_before_it()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        await bob.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        await ann.SendAsync("""{"type":"message","room":"general","content":2,"id":"m"}""");
        await ann.UntilAsync("ack");
        Assert.Equal((2, 0), ReadAndUnread(await JoinAgainAsync(ann)));
        Assert.Equal((1, 1), ReadAndUnread(await JoinAgainAsync(bob)));
    }

    [Fact]
    public async Task The_room_of_ones_own_keeps_what_came_while_nobody_was_there_and_how_much_of_it_is_unread()
    {
        await using TestHub hub = await StartAsync();
        await hub.Hub.NotifyUserAsync("ann", new HubNotification("first", ""));
        await hub.Hub.NotifyUserAsync("ann", new HubNotification("second", ""));
        hub.Time.Advance(TimeSpan.FromHours(20));
        TestClient one = await hub.ConnectAsAsync("ann");
        JsonElement joined = await one.AskAsync("""{"type":"join-room","room":"$me","history":10}""", "joined-room");
        Assert.Equal((0, 2), ReadAndUnread(joined));
        Assert.Equal(["first", "second"], joined.GetProperty("messages").EnumerateArray().Select(static message => message.Text("title")));
        TestClient two = await hub.ConnectAsAsync("ann");
        await ReadAsync(one, "$me", joined.Text("epoch"), 1, id: "r");
        Assert.Equal(("$me", 1), (await two.NextAsync("read")) is var told ? (told.Text("room"), told.Number("unread")) : default);
        Assert.Equal((1, 1), ReadAndUnread(await two.JoinAsync("$me")));
        await hub.Hub.NotifyUserAsync("ann", new HubNotification("third", ""));
        Assert.Equal(3, (await two.NextAsync("notification")).Number("offset"));
        Assert.Equal((1, 2), ReadAndUnread(await two.JoinAsync("$me")));
    }

    [Fact]
    public async Task A_message_that_comes_while_one_joins_is_counted_by_the_hub_or_comes_live_never_both()
    {
        PausingEngine? engine = null;
        await using TestHub hub = await StartAsync(inner => engine = new PausingEngine(inner));
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        await bob.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        TestClient ann = await hub.ConnectAsAsync("ann");
        engine!.HistoryGate = new TaskCompletionSource();
        await ann.SendAsync("""{"type":"join-room","room":"general","history":1}""");
        await engine.HistoryAsked.Task;
        engine.ReadGate.SetResult();
        await engine.HistoryRead.Task;
        await bob.AskAsync("""{"type":"message","room":"general","content":2}""", "message");
        engine.HistoryGate.SetResult();
        JsonElement joined = await ann.NextAsync("joined-room");
        Assert.Equal((1, 1), (joined.Number("offset"), joined.Number("unread")));
        Assert.Equal(2, (await ann.NextAsync("message")).Number("offset"));
    }

    [Fact]
    public async Task A_message_to_one_who_is_joining_comes_though_no_history_was_asked_for()
    {
        PausingEngine? engine = null;
        await using TestHub hub = await StartAsync(inner => engine = new PausingEngine(inner));
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        TestClient ann = await hub.ConnectAsAsync("ann");
        engine!.HistoryGate = new TaskCompletionSource();
        await ann.SendAsync("""{"type":"join-room","room":"general"}""");
        Task<JsonElement> joining = ann.NextAsync("joined-room");
        await Task.WhenAny(engine.HistoryAsked.Task, joining);
        await bob.AskAsync("""{"type":"message","room":"general","content":"hello, ann"}""", "message");
        engine.ReadGate.SetResult();
        engine.HistoryGate.SetResult();
        Assert.Equal(0, (await joining).Number("offset"));
        Assert.Equal(1, (await ann.NextAsync("message")).Number("offset"));
    }

    [Theory]
    [InlineData("""{"type":"read","room":"general","offset":1}""", "invalid-format")]
    [InlineData("""{"type":"read","room":"general","epoch":"x"}""", "invalid-format")]
    [InlineData("""{"type":"read","room":"general","epoch":"x","offset":-1}""", "invalid-format")]
    [InlineData("""{"type":"read","room":"general","epoch":"x","offset":1}""", "stale")]
    [InlineData("""{"type":"read","room":"plain","epoch":"x","offset":1}""", "forbidden")]
    [InlineData("""{"type":"read","room":"elsewhere","epoch":"x","offset":1}""", "unknown-room")]
    [InlineData("""{"type":"read","room":"$all","epoch":"x","offset":1}""", "forbidden")]
    [InlineData("""{"type":"read","room":"$user:bob","epoch":"x","offset":1}""", "forbidden")]
    [InlineData("""{"type":"read","room":"$me","epoch":"x","offset":1}""", "stale")]
    [InlineData("""{"type":"join-room","room":"$user:bob","history":9}""", "forbidden")]
    [InlineData("""{"type":"history","room":"$user:bob"}""", "forbidden")]
    public async Task A_request_that_breaks_a_rule_moves_nothing(string request, string code)
    {
        await using TestHub hub = await StartAsync();
        await hub.Hub.NotifyUserAsync("ann", new HubNotification("", ""));
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.JoinAsync("plain");
        await ann.ExpectErrorAsync(request, code);
        await ann.ExpectNothingAsync();
        Assert.Equal((0, 1), ReadAndUnread(await ann.JoinAsync("$me")));
    }

    [Fact]
    public async Task A_marker_beyond_the_newest_counts_as_the_newest()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        JsonElement message = await ann.NextAsync("message");
        Assert.Equal(1, (await ReadAsync(ann, "general", message.Text("epoch"), 9_999, "r")).Number("offset"));
        await hub.Hub.PublishAsync("general", "2"u8.ToArray());
        await ann.NextAsync("message");
        Assert.Equal((1, 1), ReadAndUnread(await JoinAgainAsync(ann)));
    }

    [Fact]
    public async Task Rooms_have_markers_where_the_application_says_so()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(static hub =>
        {
            hub.MapRoom("chat").WithReadMarkers();
            hub.MapRoom("plain");
        });
        HubTestClient ann = await host.ConnectAsync("ann");
        await host.Hub.Room("chat").PublishAsync(new Note("x"));
        ann.Send("""{"type":"join-room","room":"chat"}"""u8);
        Assert.Equal((0, 1), ReadAndUnread((await ann.NextAsync("joined-room")).Json));
        ann.Send("""{"type":"join-room","room":"plain"}"""u8);
        Assert.False((await ann.NextAsync("joined-room")).Json.Has("unread"));
    }

    private sealed record Note(string Text);

    private static (long Read, long Unread) ReadAndUnread(JsonElement joined) => (joined.Number("read"), joined.Number("unread"));

    private static async Task<JsonElement> JoinAgainAsync(TestClient client)
    {
        await client.SendAsync("""{"type":"join-room","room":"general"}""");
        return await client.UntilAsync("joined-room");
    }

    private static async Task<JsonElement> UntilOffsetAsync(TestClient client, long offset)
    {
        while (true)
        {
            JsonElement message = await client.UntilAsync("message");
            if (message.Number("offset") == offset)
            {
                return message;
            }
        }
    }

    private static async Task<JsonElement> ReadAsync(TestClient client, string room, string epoch, long offset, string id)
    {
        await client.SendAsync($$"""{"type":"read","room":"{{room}}","epoch":"{{epoch}}","offset":{{offset}},"id":"{{id}}"}""");
        return await client.UntilAsync("ack");
    }

    private Task<TestHub> StartAsync(Func<IHubEngine, IHubEngine>? wrapEngine = null) =>
        StartHubAsync(
            options =>
                options.Rooms = new RoomOptionsTable { Default = null }
                    .Add("plain", new RoomOptions { AnnouncedMembers = 0 })
                    .Add(
                        "general",
                        new RoomOptions
                        {
                            AnnouncedMembers = 0,
                            HasReadMarkers = true,
                            HistorySize = 100,
                            MapKeys = 10,
                            MayPut = static (_, _, _) => true,
                        }
                    ),
            wrapEngine: wrapEngine
        );
}
