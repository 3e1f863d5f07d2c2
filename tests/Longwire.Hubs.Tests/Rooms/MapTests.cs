using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A room's live map, as clients get it.</summary>
public abstract class MapTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : MapTests(null);

    public sealed class OnKestrel() : MapTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : MapTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : MapTests(ServerTransport.IoUring);

    private const string Join = """{"type":"join-room","room":"board","map":true}""";

    [Fact]
    public async Task A_joiner_gets_the_map_in_pages_in_the_order_of_its_changes()
    {
        await using TestHub hub = await StartAsync();
        TestClient bob = await hub.JoinAsAsync("bob", "board");
        for (int number = 1; number <= 2_500; number++)
        {
            await PutAsync(bob, $"key{number}", "1");
        }

        await PutAsync(bob, "key1", "2");
        TestClient ann = await hub.ConnectAsAsync("ann");
        var map = new MapReplica();
        JsonElement joined = await ann.AskAsync(Join, "joined-room");
        map.Take(joined);
        Assert.Equal((2_501, true), (joined.Number("offset"), joined.GetProperty("map").GetProperty("whole").GetBoolean()));
        Assert.Equal((1_000, 1_001), (map.Count, map.Next));
        JsonElement page = await ann.AskAsync(Read(map.Next!.Value), "map");
        Assert.Equal(["type", "room", "entries", "next", "epoch", "offset", "tag"], page.Names());
        Assert.Equal(["key", "value", "version"], page.GetProperty("entries")[0].Names());
        map.Take(page);
        map.Take(await ann.AskAsync(Read(map.Next!.Value), "map"));
        Assert.Equal((2_500, null), (map.Count, map.Next));
        Assert.Contains("key1=2:2501", map.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_and_messages_come_in_one_order()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await ann.SendAsync("""{"type":"map-put","room":"board","key":"a","value":{"x":[1, 2]},"id":"p1"}""");
        JsonElement changed = await ann.NextAsync("map-changed");
        Assert.Equal(["type", "room", "key", "value", "version", "epoch", "offset", "tag"], changed.Names());
        Assert.Equal(
            ("""{"x":[1, 2]}""", 1, 1),
            (changed.GetProperty("value").GetRawText(), changed.Number("version"), changed.Number("offset"))
        );
        JsonElement ack = await ann.NextAsync("ack");
        Assert.Equal(("""{"type":"ack","id":"p1","version":1}"""), ack.GetRawText());
        await ann.SendAsync("""{"type":"message","room":"board","content":1}""");
        Assert.Equal(2, (await ann.NextAsync("message")).Number("offset"));
        await ann.SendAsync("""{"type":"map-remove","room":"board","key":"a","id":"p2"}""");
        changed = await ann.NextAsync("map-changed");
        Assert.Equal(["type", "room", "key", "removed", "version", "epoch", "offset", "tag"], changed.Names());
        Assert.Equal(3, (await ann.NextAsync("ack")).Number("version"));
        await ann.SendAsync("""{"type":"map-remove","room":"board","key":"a","id":"p3"}""");
        Assert.Equal(0, (await ann.NextAsync("ack")).Number("version"));
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_is_a_conflict_that_says_the_version()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await ConflictAsync(ann, "\"ifVersion\":1", 0);
        await AckAsync(ann, "\"ifVersion\":0", 1);
        await ConflictAsync(ann, "\"ifNew\":true", 1);
        await ConflictAsync(ann, "\"ifVersion\":2", 1);
        await AckAsync(ann, "\"ifVersion\":1,\"ifNew\":false", 2);
        await ann.SendAsync("""{"type":"map-remove","room":"board","key":"a","ifVersion":1,"id":"r"}""");
        Assert.Equal(("conflict", 2), await ErrorAsync(ann));

        static async Task ConflictAsync(TestClient client, string condition, long version)
        {
            await client.SendAsync($$"""{"type":"map-put","room":"board","key":"a","value":1,{{condition}}}""");
            Assert.Equal(("conflict", version), await ErrorAsync(client));
        }

        static async Task AckAsync(TestClient client, string condition, long version)
        {
            await client.SendAsync($$"""{"type":"map-put","room":"board","key":"a","value":1,{{condition}}}""");
            Assert.Equal(version, (await client.NextAsync("map-changed")).Number("version"));
        }

        static async Task<(string, long)> ErrorAsync(TestClient client)
        {
            JsonElement error = await client.NextAsync("error");
            return (error.Text("code"), error.Number("version"));
        }
    }

    [Fact]
    public async Task A_change_sent_again_with_its_id_is_made_once()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        const string Put = """{"type":"map-put","room":"board","key":"a","value":1,"ifNew":true,"id":"p1"}""";
        await ann.SendAsync(Put);
        await ann.NextAsync("map-changed");
        Assert.False((await ann.NextAsync("ack")).Has("repeated"));
        JsonElement again = await ann.AskAsync(Put, "ack");
        Assert.Equal((1, true), (again.Number("version"), again.GetProperty("repeated").GetBoolean()));
        await ann.ExpectErrorAsync(Put.Replace("\"value\":1", "\"value\":2", StringComparison.Ordinal), "id-reused");
        await ann.ExpectErrorAsync(Put.Replace("\"ifNew\":true", "\"ttlMs\":9", StringComparison.Ordinal), "id-reused");
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_return_inside_the_window_transfers_only_the_changes()
    {
        await using TestHub hub = await StartAsync(history: 10);
        TestClient bob = await hub.JoinAsAsync("bob", "board");
        for (int number = 0; number < 900; number++)
        {
            await PutAsync(bob, $"key{number}", $"\"{new string('x', 200)}\"");
        }

        TestClient ann = await hub.ConnectAsAsync("ann");
        var map = new MapReplica();
        JsonElement joined = await ann.AskAsync(Join, "joined-room");
        map.Take(joined);
        int whole = joined.GetRawText().Length;
        await ann.LoseAsync();
        await PutAsync(bob, "key7", "7");
        await bob.SendAsync("""{"type":"message","room":"board","content":"between"}""");
        await bob.NextAsync("message");
        await bob.SendAsync("""{"type":"map-remove","room":"board","key":"key8"}""");
        await bob.NextAsync("map-changed");
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        JsonElement returned = await again.AskAsync(Return(joined), "joined-room");
        map.Take(returned);
        Assert.True(returned.GetProperty("recovered").GetBoolean());
        Assert.Equal(
            ["map-changed", "message", "map-changed"],
            returned.GetProperty("messages").EnumerateArray().Select(static missed => missed.Text("type"))
        );
        Assert.False(returned.Has("map"));
        int difference = returned.GetRawText().Length;
        Assert.True(difference < 1_000 && whole > 180_000, $"{difference} bytes after {whole}");
        Assert.Equal(await WholeAsync(hub), map.Text);
    }

    [Fact]
    public async Task A_return_after_more_changes_than_one_answer_holds_transfers_only_the_keys_that_changed()
    {
        await using TestHub hub = await StartAsync();
        TestClient bob = await hub.JoinAsAsync("bob", "board");
        for (int number = 0; number < 900; number++)
        {
            await PutAsync(bob, $"key{number}", $"\"{new string('x', 200)}\"");
        }

        TestClient ann = await hub.ConnectAsAsync("ann");
        var map = new MapReplica();
        JsonElement joined = await ann.AskAsync(Join, "joined-room");
        map.Take(joined);
        int whole = joined.GetRawText().Length;
        await ann.LoseAsync();
        for (int number = 0; number < 1_500; number++)
        {
            await PutAsync(bob, $"key{number % 3}", $"{number}");
        }

        await bob.SendAsync("""{"type":"map-remove","room":"board","key":"key5"}""");
        await bob.NextAsync("map-changed");
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        JsonElement returned = await again.AskAsync(Return(joined), "joined-room");
        map.Take(returned);
        JsonElement shown = returned.GetProperty("map");
        Assert.False(returned.GetProperty("recovered").GetBoolean());
        Assert.False(shown.GetProperty("whole").GetBoolean());
        Assert.Equal(4, shown.GetProperty("entries").GetArrayLength());
        int difference = returned.GetRawText().Length;
        Assert.True(difference < 1_000 && whole > 180_000, $"{difference} bytes after {whole}");
        Assert.Equal(await WholeAsync(hub), map.Text);
    }

    [Theory]
    [InlineData("""{"epoch":"other","offset":1}""")]
    [InlineData("""{"epoch":"EPOCH","offset":1,"tag":"1"}""")]
    [InlineData("""{"epoch":"EPOCH","offset":1}""")]
    public async Task A_return_from_where_the_hub_does_not_know_any_more_gets_the_whole_map(string from)
    {
        await using TestHub hub = await StartAsync(changes: 3);
        TestClient bob = await hub.JoinAsAsync("bob", "board");
        for (int number = 0; number < 5; number++)
        {
            await PutAsync(bob, $"key{number}", "1");
        }

        TestClient ann = await hub.JoinAsAsync("ann", "board");
        string epoch = (await ann.AskAsync(Join, "joined-room")).Text("epoch");
        from = from.Replace("EPOCH", epoch, StringComparison.Ordinal);
        JsonElement joined = await ann.AskAsync($$"""{"type":"join-room","room":"board","map":true,"recover":{{from}}}""", "joined-room");
        JsonElement shown = joined.GetProperty("map");
        Assert.False(joined.GetProperty("recovered").GetBoolean());
        Assert.True(shown.GetProperty("whole").GetBoolean());
        Assert.Equal(5, shown.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task Changes_push_no_message_out_of_the_history_and_are_not_in_it()
    {
        await using TestHub hub = await StartAsync(history: 2);
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await ann.SendAsync("""{"type":"message","room":"board","content":1}""");
        await ann.NextAsync("message");
        for (int number = 0; number < 50; number++)
        {
            await PutAsync(ann, "a", $"{number}");
        }

        await ann.SendAsync("""{"type":"message","room":"board","content":2}""");
        await ann.NextAsync("message");
        JsonElement history = await ann.AskAsync("""{"type":"history","room":"board"}""", "history");
        Assert.Equal([1, 52], history.GetProperty("messages").EnumerateArray().Select(static message => message.Number("offset")));
    }

    [Fact]
    public async Task A_key_goes_with_its_time_and_everybody_is_told_once()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        foreach (string key in (string[])["a", "b"])
        {
            await ann.SendAsync($$"""{"type":"map-put","room":"board","key":"{{key}}","value":1,"ttlMs":60000}""");
            await ann.NextAsync("map-changed");
        }

        await PutAsync(ann, "b", "2");
        hub.Time.Advance(TimeSpan.FromMinutes(2));
        JsonElement removed = await ann.NextAsync("map-changed");
        Assert.Equal(("a", true, 4), (removed.Text("key"), removed.GetProperty("removed").GetBoolean(), removed.Number("version")));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_map_stays_as_long_as_it_has_keys_although_everybody_has_left()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await PutAsync(ann, "a", "1");
        await ann.AskAsync("""{"type":"leave-room","room":"board"}""", "left-room");
        hub.Time.Advance(TimeSpan.FromDays(1));
        await ann.JoinAsync("plain");
        Assert.Equal("a=1:1", await WholeAsync(hub));
    }

    [Fact]
    public async Task A_map_that_is_full_takes_no_further_key()
    {
        await using TestHub hub = await StartAsync(keys: 2);
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await PutAsync(ann, "a", "1");
        await PutAsync(ann, "b", "1");
        JsonElement error = await ann.ExpectErrorAsync("""{"type":"map-put","room":"board","key":"c","value":1}""", "forbidden");
        Assert.Equal("Map is full", error.Text("message"));
        await PutAsync(ann, "b", "2");
    }

    [Theory]
    [InlineData("""{"type":"map-put","room":"board","key":"a"}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","value":1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"","value":1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":7,"value":1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"a","value":1,"ttlMs":0}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"a","value":1,"ttlMs":-1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"a","value":1,"ttlMs":1e300}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"a","value":1,"ifVersion":"1"}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"a","value":1,"ifNew":1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"\ud800","value":1}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"a","value":"\ud800"}""", "invalid-format")]
    [InlineData("""{"type":"map-put","room":"board","key":"$a","value":1}""", "forbidden")]
    [InlineData("""{"type":"map-put","room":"other","key":"a","value":1}""", "unknown-room")]
    [InlineData("""{"type":"map-put","room":"plain","key":"a","value":1}""", "forbidden")]
    [InlineData("""{"type":"map-put","room":"$all","key":"a","value":1}""", "forbidden")]
    [InlineData("""{"type":"map-put","room":"$me","key":"a","value":1}""", "forbidden")]
    [InlineData("""{"type":"map-put","room":"$user:bob","key":"a","value":1}""", "forbidden")]
    [InlineData("""{"type":"map-remove","room":"board","key":"$a"}""", "forbidden")]
    [InlineData("""{"type":"map-read","room":"plain"}""", "forbidden")]
    [InlineData("""{"type":"map-read","room":"$user:bob"}""", "forbidden")]
    [InlineData("""{"type":"map-read","room":"other"}""", "unknown-room")]
    [InlineData("""{"type":"map-read","room":"board","after":-1}""", "invalid-format")]
    [InlineData("""{"type":"map-read","room":"board","limit":"1"}""", "invalid-format")]
    [InlineData("""{"type":"join-room","room":"board","map":1}""", "invalid-format")]
    public async Task A_request_that_breaks_a_rule_changes_nothing(string request, string code)
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await ann.JoinAsync("plain");
        await ann.ExpectErrorAsync(request, code);
        await ann.ExpectNothingAsync();
        Assert.Equal("", await WholeAsync(hub));
    }

    [Fact]
    public async Task A_value_or_a_key_that_is_too_long_is_refused()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        await ann.ExpectErrorAsync($$"""{"type":"map-put","room":"board","key":"a","value":"{{new string('x', 65_535)}}"}""", "too-large");
        await ann.ExpectErrorAsync($$"""{"type":"map-put","room":"board","key":"{{new string('x', 129)}}","value":1}""", "invalid-format");
        await PutAsync(ann, new string('x', 128), $"\"{new string('x', 65_534)}\"");
    }

    [Theory]
    [InlineData(SlowConsumerPolicy.DropOldest)]
    [InlineData(SlowConsumerPolicy.KeepLatest)]
    public async Task A_slow_member_is_closed_rather_than_shown_a_map_that_is_wrong(SlowConsumerPolicy policy)
    {
        await using TestHub hub = await StartAsync(policy: policy);
        TestClient slow = await hub.OpenAsync(options: new WebSocketConnectionOptions { SendQueueBytes = 250_000 }, pipeBytes: 20_000);
        slow.Connected = await slow.NextAsync("connected");
        await slow.SendAsync("""{"type":"auth","token":"valid-token","username":"slow"}""");
        await slow.UntilAsync("auth-success");
        await slow.JoinAsync("board");
        TestClient ann = await hub.JoinAsAsync("ann", "board");
        for (int number = 0; number < 400; number++)
        {
            await PutAsync(ann, "key", $"\"{new string('x', 60_000)}\"");
        }

        (CloseStatus status, string reason, List<JsonElement> messages) = await slow.ClosedAsync();
        Assert.Equal((HubCloseStatus.TooSlow, "Too slow"), (status, reason));
        Assert.Equal(Enumerable.Range(1, messages.Count), messages.Select(static message => (int)message.Number("offset")));
    }

    private async Task<TestHub> StartAsync(int keys = 10_000, int changes = 10_000, int history = 0, SlowConsumerPolicy policy = default) =>
        await StartHubAsync(options =>
        {
            options.RateLimit = null;
            options.Rooms = new RoomOptionsTable { Default = null }
                .Add("plain", new RoomOptions())
                .Add(
                    "board",
                    new RoomOptions
                    {
                        MapKeys = keys,
                        MapChanges = changes,
                        HistorySize = history,
                        AnnouncedMembers = 0,
                        SlowConsumer = policy,
                        MayPut = static (_, _, _) => true,
                    }
                );
        });

    private static async Task PutAsync(TestClient client, string key, string value)
    {
        await client.SendAsync($$"""{"type":"map-put","room":"board","key":"{{key}}","value":{{value}}}""");
        Assert.Equal(key, (await client.NextAsync("map-changed")).Text("key"));
    }

    /// <summary>The map as one gets it who has just come.</summary>
    private static async Task<string> WholeAsync(TestHub hub)
    {
        TestClient client = await hub.ConnectAsAsync("observer");
        var map = new MapReplica();
        map.Take(await client.AskAsync(Join, "joined-room"));
        while (map.Next is { } next)
        {
            map.Take(await client.AskAsync(Read(next), "map"));
        }

        await client.CloseAsync();
        return map.Text;
    }

    private static string Read(long after) => $$"""{"type":"map-read","room":"board","after":{{after}}}""";

    private static string Return(JsonElement position)
    {
        string from =
            $$"""{"epoch":"{{position.Text("epoch")}}","offset":{{position.Number("offset")}},"tag":"{{position.Text("tag")}}"}""";
        return $$"""{"type":"join-room","room":"board","map":true,"recover":{{from}} }""";
    }
}
