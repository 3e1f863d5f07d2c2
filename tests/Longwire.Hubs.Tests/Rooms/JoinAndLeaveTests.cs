using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class JoinAndLeaveTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : JoinAndLeaveTests(null);

    public sealed class OnKestrel() : JoinAndLeaveTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : JoinAndLeaveTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : JoinAndLeaveTests(ServerTransport.IoUring);

    [Fact]
    public async Task The_joiner_is_told_where_the_room_is()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsAsync("ann");
        JsonElement joined = await client.AskAsync("""{"type":"join-room","room":"general","id":"j1"}""", "joined-room");
        Assert.Equal(["type", "room", "members", "epoch", "offset", "tag", "recovered", "messages", "id"], joined.Names());
        Assert.Equal("general", joined.Text("room"));
        Assert.Equal(1, joined.Number("members"));
        Assert.NotEmpty(joined.Text("epoch"));
        Assert.Equal(0, joined.Number("offset"));
        Assert.False(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal(0, joined.GetProperty("messages").GetArrayLength());
        Assert.Equal("j1", joined.Text("id"));
    }

    [Fact]
    public async Task The_others_are_told_who_joins_and_leaves()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        JsonElement joined = await ann.NextAsync("user-joined");
        Assert.Equal(["type", "room", "userId", "username", "members"], joined.Names());
        Assert.Equal(
            ("general", "bob", "bob", 2),
            (joined.Text("room"), joined.Text("userId"), joined.Text("username"), joined.Number("members"))
        );

        JsonElement left = await bob.AskAsync("""{"type":"leave-room","room":"general","id":"l1"}""", "left-room");
        Assert.Equal(("general", "l1"), (left.Text("room"), left.Text("id")));
        left = await ann.NextAsync("user-left");
        Assert.Equal(["type", "room", "userId", "username", "members"], left.Names());
        Assert.Equal(("general", "bob", "bob", 1), (left.Text("room"), left.Text("userId"), left.Text("username"), left.Number("members")));
        await bob.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_user_is_told_once_with_the_first_connection_in_and_the_last_one_out()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient eve = await hub.JoinAsAsync("eve", "general");
        TestClient first = await hub.JoinAsAsync("ann", "general");
        Assert.Equal(2, (await eve.NextAsync("user-joined")).Number("members"));
        TestClient second = await hub.JoinAsAsync("ann", "general");
        Assert.Equal(3, (await second.JoinAsync("general")).Number("members"));
        await eve.ExpectNothingAsync();
        await first.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        await first.ExpectNothingAsync();
        await second.ExpectNothingAsync();
        await eve.ExpectNothingAsync();
        await first.JoinAsync("general");
        await second.CloseAsync();
        await second.Server.Completion;
        await eve.ExpectNothingAsync();
        await first.CloseAsync();
        JsonElement left = await eve.NextAsync("user-left");
        Assert.Equal(("ann", 1), (left.Text("userId"), left.Number("members")));
        await eve.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_client_that_closes_leaves_its_rooms_at_once()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        await ann.NextAsync("user-joined");
        await bob.CloseAsync();
        Assert.Equal("bob", (await ann.NextAsync("user-left")).Text("userId"));
        Assert.Null(hub.Hub.FindSession(bob.ClientId));
    }

    [Fact]
    public async Task Joining_twice_is_answered_twice_and_told_once()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        Assert.Equal(2, (await bob.JoinAsync("general")).Number("members"));
        await ann.NextAsync("user-joined");
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_room_comes_with_its_first_member_and_goes_with_its_last()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        Assert.Equal(1, hub.Hub.FindRoom("general")!.Members);
        await ann.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        await ann.ExpectNothingAsync();
        Assert.Null(hub.Hub.FindRoom("general"));
        await ann.ExpectErrorAsync("""{"type":"leave-room","room":"general"}""", "unknown-room");
    }

    [Fact]
    public async Task Leaving_a_room_that_one_is_not_in_is_an_error()
    {
        await using TestHub hub = await StartHubAsync();
        await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.ConnectAsAsync("bob");
        await bob.ExpectErrorAsync("""{"type":"leave-room","room":"general"}""", "not-in-room");
        JsonElement error = await bob.ExpectErrorAsync("""{"type":"leave-room","room":"nowhere","id":"x"}""", "unknown-room");
        Assert.Equal("x", error.Text("id"));
    }

    [Theory]
    [InlineData("""{"type":"join-room"}""")]
    [InlineData("""{"type":"join-room","room":null}""")]
    [InlineData("""{"type":"join-room","room":""}""")]
    [InlineData("""{"type":"join-room","room":5}""")]
    [InlineData("""{"type":"join-room","room":["general"]}""")]
    [InlineData("""{"type":"join-room","room":"123456789"}""")]
    [InlineData("""{"type":"join-room","room":"a\u0000b"}""")]
    [InlineData("""{"type":"join-room","room":"\udc00"}""")]
    [InlineData("""{"type":"join-room","room":"general","recover":5}""")]
    [InlineData("""{"type":"join-room","room":"general","recover":{}}""")]
    [InlineData("""{"type":"join-room","room":"general","recover":{"epoch":"e"}}""")]
    [InlineData("""{"type":"join-room","room":"general","recover":{"epoch":"e","offset":-1}}""")]
    [InlineData("""{"type":"join-room","room":"general","recover":{"epoch":7,"offset":1}}""")]
    [InlineData("""{"type":"join-room","room":"general","history":"all"}""")]
    [InlineData("""{"type":"join-room","room":"general","history":1.5}""")]
    [InlineData("""{"type":"join-room","room":"general","history":9007199254740992}""")]
    [InlineData("""{"type":"leave-room","room":5}""")]
    public async Task A_name_or_field_of_the_wrong_kind_is_an_error(string message)
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxRoomNameLength = 8);
        TestClient client = await hub.ConnectAsAsync("ann");
        await client.ExpectErrorAsync(message, "invalid-format");
        Assert.Equal(0, hub.Hub.RoomCount);
    }

    [Fact]
    public async Task A_session_may_be_in_so_many_rooms()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxRoomsPerSession = 2);
        TestClient client = await hub.JoinAsAsync("ann", "a");
        await client.JoinAsync("b");
        JsonElement error = await client.ExpectErrorAsync("""{"type":"join-room","room":"c"}""", "forbidden");
        Assert.Equal("Too many rooms", error.Text("message"));
        await client.JoinAsync("a");
        await client.AskAsync("""{"type":"leave-room","room":"a"}""", "left-room");
        await client.JoinAsync("c");
    }

    [Fact]
    public async Task A_room_may_have_so_many_members()
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Add("small", new RoomOptions { MaxMembers = 1 }));
        TestClient ann = await hub.JoinAsAsync("ann", "small");
        TestClient bob = await hub.ConnectAsAsync("bob");
        JsonElement error = await bob.ExpectErrorAsync("""{"type":"join-room","room":"small"}""", "forbidden");
        Assert.Equal("Room is full", error.Text("message"));
        await ann.AskAsync("""{"type":"leave-room","room":"small"}""", "left-room");
        await ann.ExpectNothingAsync();
        await bob.JoinAsync("small");
    }

    [Fact]
    public async Task A_node_may_have_so_many_rooms()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxRooms = 1);
        TestClient client = await hub.JoinAsAsync("ann", "a");
        await client.ExpectErrorAsync("""{"type":"join-room","room":"b"}""", "forbidden");
    }

    [Fact]
    public async Task Rooms_that_no_options_name_do_not_exist_when_there_is_no_default()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.Rooms.Add("chat:*", new RoomOptions());
            options.Rooms.Default = null;
        });
        TestClient client = await hub.JoinAsAsync("ann", "chat:1");
        await client.ExpectErrorAsync("""{"type":"join-room","room":"other"}""", "unknown-room");
    }

    [Fact]
    public async Task The_application_decides_who_may_join()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.Rooms.Default!.MayJoin = (session, room) => room == "of-" + session.Identity!.UserId
        );
        TestClient client = await hub.JoinAsAsync("ann", "of-ann");
        await client.ExpectErrorAsync("""{"type":"join-room","room":"of-bob"}""", "forbidden");
    }

    [Fact]
    public async Task Joins_in_a_large_room_are_not_told()
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Default!.AnnouncedMembers = 2);
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await hub.JoinAsAsync("bob", "general");
        await hub.JoinAsAsync("eve", "general");
        await ann.NextAsync("user-joined");
        await ann.ExpectNothingAsync();
        Assert.Equal(3, hub.Hub.FindRoom("general")!.Members);
    }

    [Fact]
    public async Task Members_that_join_and_leave_all_at_once_are_counted_right()
    {
        await using TestHub hub = await StartHubAsync(options => options.RateLimit = null);
        TestClient witness = await hub.JoinAsAsync("witness", "general");
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async index =>
                {
                    TestClient client = await hub.ConnectAsAsync("user" + index);
                    for (int round = 0; round < 20; round++)
                    {
                        await client.SendAsync("""{"type":"join-room","room":"general"}""");
                        await client.UntilAsync("joined-room");
                        await client.SendAsync("""{"type":"join-room","room":"other"}""");
                        await client.UntilAsync("joined-room");
                        await client.SendAsync("""{"type":"leave-room","room":"general"}""");
                        await client.UntilAsync("left-room");
                        await client.SendAsync("""{"type":"leave-room","room":"other"}""");
                        await client.UntilAsync("left-room");
                    }

                    await client.CloseAsync();
                })
        );

        // The counts told rise and fall by one each time: they came in the order in which they came about.
        long members = 1;
        for (int change = 0; change < 8 * 20 * 2; change++)
        {
            JsonElement told = await witness.NextAsync();
            members += told.Text("type") == "user-joined" ? 1 : -1;
            Assert.Equal(members, told.Number("members"));
        }

        Assert.Equal(1, members);
        Assert.Equal(1, hub.Hub.RoomCount);
    }
}
