using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class PresenceTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : PresenceTests(null);

    public sealed class OnKestrel() : PresenceTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : PresenceTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : PresenceTests(ServerTransport.IoUring);

    [Fact]
    public async Task The_members_are_listed_by_user_with_their_connections_and_metadata()
    {
        await using TestHub hub = await StartHubAsync();
        var eve = new HubIdentity("u-eve", "Eve") { Metadata = JsonDocument.Parse("""{"colour":"red"}""").RootElement };
        TestClient client = await hub.ConnectAsync(new HubHandshake { Identity = eve });
        await client.JoinAsync("general");
        await hub.JoinAsAsync("ann", "general");
        await client.NextAsync("user-joined");
        await hub.JoinAsAsync("ann", "general");
        JsonElement presence = await client.AskAsync("""{"type":"presence","room":"general","id":"p"}""", "presence");
        Assert.Equal(["type", "room", "members", "version", "connections", "users", "id"], presence.Names());
        Assert.Equal((3, 2), (presence.Number("connections"), presence.Number("users")));
        JsonElement[] members = presence.GetProperty("members").EnumerateArray().OrderBy(member => member.Text("userId")).ToArray();
        Assert.StartsWith("""{"userId":"ann","username":"ann","connections":2,"metadata":{},"version":""", members[0].GetRawText());
        Assert.StartsWith(
            """{"userId":"u-eve","username":"Eve","connections":1,"metadata":{"colour":"red"},"version":""",
            members[1].GetRawText()
        );
    }

    [Fact]
    public async Task The_list_is_limited()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxPresenceMembers = 2);
        await hub.JoinAsAsync("a", "general");
        await hub.JoinAsAsync("b", "general");
        TestClient client = await hub.JoinAsAsync("c", "general");
        Assert.Equal(
            2,
            (await client.AskAsync("""{"type":"presence","room":"general"}""", "presence")).GetProperty("members").GetArrayLength()
        );
    }

    [Fact]
    public async Task It_comes_in_pages_in_the_order_of_changes()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxPresenceMembers = 2);
        foreach (string user in (string[])["a", "b", "d", "e"])
        {
            await hub.JoinAsAsync(user, "general");
        }

        TestClient client = await hub.JoinAsAsync("c", "general");
        var replica = new PresenceReplica();
        replica.Take(await client.AskAsync("""{"type":"presence","room":"general"}""", "presence"));
        Assert.Equal("a=1{} b=1{}", replica.Text);
        while (replica.Next is { } next)
        {
            replica.Take(await client.AskAsync($$"""{"type":"presence","room":"general","after":{{next}}}""", "presence"));
        }

        Assert.Equal("a=1{} b=1{} c=1{} d=1{} e=1{}", replica.Text);
    }

    [Fact]
    public async Task Those_who_ask_are_told_the_differences_and_others_are_not()
    {
        await using TestHub hub = await StartQuietAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        TestClient other = await hub.JoinAsAsync("other", "general");
        var replica = new PresenceReplica();
        replica.Take(await ann.AskAsync(Join, "joined-room"));
        Assert.Equal("ann=1{} other=1{}", replica.Text);
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        TestClient bobsSecond = await hub.JoinAsAsync("bob", "general");
        await bob.AskAsync("""{"type":"presence-update","room":"general","metadata":{"away":true},"id":"u"}""", "ack");
        TestClient eve = await hub.JoinAsAsync("eve", "general");
        await eve.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        hub.Time.Advance(TimeSpan.FromMilliseconds(100));
        JsonElement changed = await ann.NextAsync("presence-changed");
        Assert.Equal(["type", "room", "version", "joined", "left", "members", "users"], changed.Names());
        Assert.Equal((4, 3), (changed.Number("members"), changed.Number("users")));
        Assert.Equal(["userId", "version"], Assert.Single(changed.GetProperty("left").EnumerateArray()).Names());
        replica.Take(changed);
        Assert.Equal("""ann=1{} bob=2{"away":true} other=1{}""", replica.Text);
        await bob.CloseAsync();
        await bobsSecond.AskAsync("""{"type":"presence-update","room":"general","metadata":null,"id":"u"}""", "ack");
        await Eventually.TrueAsync(() => hub.Hub.FindRoom("general")!.Members == 3);
        hub.Time.Advance(TimeSpan.FromMilliseconds(100));
        replica.Take(await ann.NextAsync("presence-changed"));
        Assert.Equal("ann=1{} bob=1null other=1{}", replica.Text);
        await other.ExpectNothingAsync();
        await ann.JoinAsync("general");
        await hub.JoinAsAsync("late", "general");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task One_who_returns_is_told_the_differences_since_its_version()
    {
        await using TestHub hub = await StartQuietAsync();
        TestClient gone = await hub.JoinAsAsync("gone", "general");
        await hub.JoinAsAsync("stays", "general");
        TestClient ann = await hub.ConnectAsAsync("ann");
        var replica = new PresenceReplica();
        replica.Take(await ann.AskAsync(Join, "joined-room"));
        await ann.LoseAsync();
        await gone.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        await hub.JoinAsAsync("new", "general");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        JsonElement joined = await again.AskAsync(Since(replica.Version), "joined-room");
        JsonElement shown = joined.GetProperty("presence");
        Assert.False(shown.GetProperty("whole").GetBoolean());
        Assert.Equal("new", Assert.Single(shown.GetProperty("joined").EnumerateArray()).Text("userId"));
        replica.Take(joined);
        Assert.Equal("ann=1{} new=1{} stays=1{}", replica.Text);
        joined = await again.AskAsync(Since(1), "joined-room");
        Assert.True(joined.GetProperty("presence").GetProperty("whole").GetBoolean());
        joined = await again.AskAsync(Since((1L << 53) - 1), "joined-room");
        Assert.True(joined.GetProperty("presence").GetProperty("whole").GetBoolean());
        Assert.Equal(3, joined.GetProperty("presence").GetProperty("joined").GetArrayLength());
    }

    [Fact]
    public async Task It_is_right_after_a_return_within_the_grace_after_the_grace_and_with_two_tabs()
    {
        await using TestHub hub = await StartQuietAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        var replica = new PresenceReplica();
        replica.Take(await ann.AskAsync(Join, "joined-room"));
        TestClient[] tabs = [await hub.JoinAsAsync("bob", "general"), await hub.JoinAsAsync("bob", "general")];
        replica.Take(await NextAsync());
        Assert.Equal("ann=1{} bob=2{}", replica.Text);
        await tabs[0].LoseAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(10));
        await ann.ExpectNothingAsync();
        tabs[0] = await hub.ConnectAsync(new HubHandshake { Session = tabs[0].Secret });
        await tabs[0].JoinAsync("general");
        hub.Time.Advance(TimeSpan.FromSeconds(20));
        await ann.ExpectNothingAsync();
        await tabs[1].LoseAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(16));
        replica.Take(await NextAsync());
        Assert.Equal("ann=1{} bob=1{}", replica.Text);
        await tabs[0].LoseAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(16));
        replica.Take(await NextAsync());
        Assert.Equal("ann=1{}", replica.Text);

        async Task<JsonElement> NextAsync()
        {
            Task<JsonElement> next = ann.NextAsync("presence-changed");
            while (!next.IsCompleted)
            {
                hub.Time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }

            return await next;
        }
    }

    [Fact]
    public async Task Differences_that_were_lost_between_servers_are_told_to_be_lost()
    {
        var store = new MemoryHubStore();
        MemoryHubEngine? engine = null;
        await using var other = new Hub(new LongwireHubOptions { AllowGuests = true }, engine: new MemoryHubEngine(store));
        await other.StartAsync();
        await using TestHub hub = await StartQuietAsync(_ => engine = new MemoryHubEngine(store));
        TestClient ann = await hub.ConnectAsAsync("ann");
        var replica = new PresenceReplica();
        replica.Take(await ann.AskAsync(Join, "joined-room"));
        engine!.Cut();
        TestClient bob = TestClient.OverPipes(new HubHandler(other, _ => HubHandshake.Anonymous), null, 64 * 1024);
        string bobsId = (await bob.NextAsync("connected")).Text("clientId");
        await bob.JoinAsync("general");
        engine.Heal();
        replica.Take(await ann.NextAsync("presence-reset"));
        replica.Take(await ann.AskAsync("""{"type":"presence","room":"general"}""", "presence"));
        Assert.Equal(2, replica.Count);
        Assert.Contains(bobsId, replica.Text, StringComparison.Ordinal);
        bob.Abort();
    }

    [Fact]
    public async Task Differences_from_before_some_were_lost_are_not_told_behind_that()
    {
        var store = new MemoryHubStore();
        MemoryHubEngine? link = null;
        await using TestHub other = await StartQuietAsync(_ => new MemoryHubEngine(store));
        await using TestHub hub = await StartQuietAsync(_ => link = new MemoryHubEngine(store));
        TestClient ann = await hub.ConnectAsAsync("ann");
        var replica = new PresenceReplica();
        replica.Take(await ann.AskAsync(Join, "joined-room"));
        TestClient eve = await other.JoinAsAsync("eve", "general");
        link!.Cut();
        await eve.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        link.Heal();
        replica.Take(await ann.NextAsync("presence-reset"));
        replica.Take(await ann.AskAsync("""{"type":"presence","room":"general"}""", "presence"));
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await other.JoinAsAsync("bob", "general");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        replica.Take(await ann.NextAsync("presence-changed"));
        Assert.Equal("ann=1{} bob=1{}", replica.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Members_who_came_while_a_node_was_cut_off_are_known_when_it_is_back_or_can_read_of_them(bool isRead)
    {
        var store = new MemoryHubStore();
        var link = new MemoryHubEngine(store);
        var engine = new PausingEngine(link) { FailingCall = EngineCall.ReadMembers };
        await using TestHub other = await StartQuietAsync(_ => new MemoryHubEngine(store));
        await using TestHub hub = await StartQuietAsync(_ => engine);
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.AskAsync(isRead ? Join : """{"type":"join-room","room":"general"}""", "joined-room");
        link.Cut();
        await other.JoinAsAsync("bob", "general");
        engine.Failure = new HubUnavailableException("away");
        link.Heal();
        await Eventually.TrueAsync(() => engine.Failures > 0);
        engine.Failure = null;
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => hub.Hub.FindRoom("general")!.Members == 2);
        if (isRead)
        {
            await ann.NextAsync("presence-reset");
        }
    }

    [Theory]
    [InlineData("""{"type":"presence-update","room":"general"}""", "invalid-format")]
    [InlineData("""{"type":"presence-update","metadata":1}""", "invalid-format")]
    [InlineData("""{"type":"presence-update","room":"strict","metadata":1}""", "forbidden")]
    [InlineData("""{"type":"presence-update","room":"elsewhere","metadata":1}""", "unknown-room")]
    [InlineData("""{"type":"presence-update","room":"$me","metadata":1}""", "forbidden")]
    [InlineData("""{"type":"presence-update","room":"$user:bob","metadata":1}""", "forbidden")]
    [InlineData("""{"type":"presence","room":"$all"}""", "forbidden")]
    [InlineData("""{"type":"presence","room":"general","after":"1"}""", "invalid-format")]
    [InlineData("""{"type":"join-room","room":"general","presence":true}""", "invalid-format")]
    [InlineData("""{"type":"join-room","room":"general","presence":"changes","version":-1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"general","key":"$presence/bob","value":1}""", "forbidden")]
    public async Task A_request_that_breaks_a_rule_changes_nothing(string request, string code)
    {
        await using TestHub hub = await StartQuietAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.JoinAsync("strict");
        await ann.ExpectErrorAsync(request, code);
        var replica = new PresenceReplica();
        replica.Take(await ann.AskAsync("""{"type":"presence","room":"general"}""", "presence"));
        Assert.Equal("ann=1{}", replica.Text);
    }

    [Fact]
    public async Task Metadata_of_more_than_4_KiB_is_refused()
    {
        await using TestHub hub = await StartQuietAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        string metadata = new('x', 4 * 1024);
        await ann.ExpectErrorAsync($$"""{"type":"presence-update","room":"general","metadata":"{{metadata}}"}""", "too-large");
        await ann.AskAsync($$"""{"type":"presence-update","room":"general","metadata":"{{metadata[2..]}}","id":"u"}""", "ack");
    }

    private const string Join = """{"type":"join-room","room":"general","presence":"changes"}""";

    private static string Since(long version) => $$"""{"type":"join-room","room":"general","presence":"changes","version":{{version}}}""";

    private Task<TestHub> StartQuietAsync(Func<IHubEngine, IHubEngine>? wrapEngine = null) =>
        StartHubAsync(
            options =>
            {
                options.Rooms = new RoomOptionsTable { Default = null }
                    .Add("general", new RoomOptions { AnnouncedMembers = 0, MayUpdatePresence = true })
                    .Add("strict", new RoomOptions { AnnouncedMembers = 0 });
            },
            wrapEngine: wrapEngine
        );

    [Theory]
    [InlineData("""{"type":"presence","room":"elsewhere"}""", "unknown-room")]
    [InlineData("""{"type":"presence","room":"general"}""", "not-in-room")]
    [InlineData("""{"type":"presence","room":{}}""", "invalid-format")]
    public async Task Only_members_may_see_it(string message, string code)
    {
        await using TestHub hub = await StartHubAsync();
        await hub.JoinAsAsync("ann", "general");
        TestClient client = await hub.ConnectAsAsync("bob");
        await client.ExpectErrorAsync(message, code);
    }
}
