using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class HistoryTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : HistoryTests(null);

    public sealed class OnKestrel() : HistoryTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : HistoryTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : HistoryTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_room_keeps_no_history_unless_told_to()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.JoinAsAsync("ann", "general");
        await PublishAsync(client, 3);
        JsonElement history = await client.AskAsync("""{"type":"history","room":"general","id":"h"}""", "history");
        Assert.Equal(["type", "room", "epoch", "offset", "tag", "messages", "id"], history.Names());
        Assert.Equal(("general", 3, "h"), (history.Text("room"), history.Number("offset"), history.Text("id")));
        Assert.Empty(Offsets(history));
    }

    [Theory]
    [InlineData("", "6 7 8 9 10")]
    [InlineData(""" ,"limit":2 """, "9 10")]
    [InlineData(""" ,"limit":0 """, "")]
    [InlineData(""" ,"since":7 """, "8 9 10")]
    [InlineData(""" ,"since":7,"limit":2 """, "8 9")]
    [InlineData(""" ,"since":0 """, "6 7 8 9 10")]
    [InlineData(""" ,"since":10 """, "")]
    [InlineData(""" ,"since":99 """, "")]
    [InlineData(""" ,"before":8 """, "6 7")]
    [InlineData(""" ,"before":10,"limit":2 """, "8 9")]
    [InlineData(""" ,"before":99 """, "6 7 8 9 10")]
    [InlineData(""" ,"before":1 """, "")]
    [InlineData(""" ,"since":null,"before":null,"limit":null """, "6 7 8 9 10")]
    public async Task A_part_of_it_can_be_asked_for(string fields, string expected)
    {
        await using TestHub hub = await StartAsync(size: 5);
        TestClient client = await hub.JoinAsAsync("ann", "general");
        await PublishAsync(client, 10);
        JsonElement history = await client.AskAsync($$"""{"type":"history","room":"general"{{fields}}}""", "history");
        Assert.Equal(expected, string.Join(' ', Offsets(history)));
        Assert.Equal(10, history.Number("offset"));
    }

    [Fact]
    public async Task Messages_in_history_are_as_they_were_delivered()
    {
        await using TestHub hub = await StartAsync(size: 5);
        TestClient client = await hub.JoinAsAsync("ann", "general");
        await client.SendAsync("""{"type":"message","room":"general","content":{"a":[1,"x",null]}}""");
        JsonElement delivered = await client.NextAsync("message");
        JsonElement history = await client.AskAsync("""{"type":"history","room":"general"}""", "history");
        Assert.Equal(delivered.GetRawText(), history.GetProperty("messages")[0].GetRawText());
    }

    [Fact]
    public async Task A_joiner_gets_the_newest_if_it_asks()
    {
        await using TestHub hub = await StartAsync(size: 5);
        await PublishAsync(await hub.JoinAsAsync("ann", "general"), 10);
        TestClient client = await hub.ConnectAsAsync("bob");
        JsonElement joined = await client.AskAsync("""{"type":"join-room","room":"general","history":2}""", "joined-room");
        Assert.Equal([9, 10], Offsets(joined));
        Assert.Equal(10, joined.Number("offset"));
        Assert.False(joined.GetProperty("recovered").GetBoolean());
    }

    [Fact]
    public async Task Who_comes_back_gets_exactly_what_it_missed()
    {
        await using TestHub hub = await StartAsync(size: 5);
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await PublishAsync(ann, 10);
        TestClient bob = await hub.ConnectAsAsync("bob");
        string epoch = hub.Hub.FindRoom("general")!.Position.Epoch;
        JsonElement joined = await bob.AskAsync(
            $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{epoch}}}","offset":5}}""",
            "joined-room"
        );
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal([6, 7, 8, 9, 10], Offsets(joined));

        joined = await bob.AskAsync(
            $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{epoch}}}","offset":10}}""",
            "joined-room"
        );
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Empty(Offsets(joined));
    }

    [Theory]
    [InlineData("""{"epoch":"EPOCH","offset":4}""")]
    [InlineData("""{"epoch":"EPOCH","offset":11}""")]
    [InlineData("""{"epoch":"other","offset":9}""")]
    public async Task When_the_gap_cannot_be_filled_it_is_told_with_the_newest_history(string recover)
    {
        await using TestHub hub = await StartAsync(size: 5);
        await PublishAsync(await hub.JoinAsAsync("ann", "general"), 10);
        TestClient bob = await hub.ConnectAsAsync("bob");
        string position = recover.Replace("EPOCH", hub.Hub.FindRoom("general")!.Position.Epoch);
        JsonElement joined = await bob.AskAsync(
            $$"""{"type":"join-room","room":"general","recover":{{position}},"history":3}""",
            "joined-room"
        );
        Assert.False(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal([8, 9, 10], Offsets(joined));
    }

    [Fact]
    public async Task What_does_not_fit_into_an_answer_is_left_for_the_next()
    {
        await using TestHub hub = await StartAsync(size: 100, options => options.MaxHistoryBytes = 500);
        TestClient client = await hub.JoinAsAsync("ann", "general");
        await PublishAsync(client, 10);
        long[] all = [];
        while (all.Length < 10)
        {
            JsonElement page = await client.AskAsync(
                $$"""{"type":"history","room":"general","since":{{all.LastOrDefault()}}}""",
                "history"
            );
            Assert.InRange(Offsets(page).Length, 1, 6);
            all = [.. all, .. Offsets(page)];
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(offset => (long)offset), all);
        long[] newest = Offsets(await client.AskAsync("""{"type":"history","room":"general"}""", "history"));
        Assert.Equal(10, newest[^1]);
        JsonElement joined = await client.AskAsync(
            $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{hub.Hub.FindRoom("general")!.Position.Epoch}}}","offset":0}}""",
            "joined-room"
        );
        Assert.False(joined.GetProperty("recovered").GetBoolean());
    }

    [Fact]
    public async Task What_comes_while_history_is_read_follows_it_without_gap_or_repetition()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartAsync(size: 100, wrapEngine: inner => engine = new PausingEngine(inner));
        await PublishAsync(await hub.JoinAsAsync("ann", "general"), 3);
        TestClient bob = await hub.ConnectAsAsync("bob");
        engine!.HistoryGate = new TaskCompletionSource();
        await bob.SendAsync("""{"type":"join-room","room":"general","history":10}""");
        await engine.HistoryAsked.Task.WaitAsync(TimeSpan.FromMinutes(2));

        // One before the engine reads, one after: the first is in the history, the second is not.
        await hub.Hub.PublishAsync("general", "4"u8.ToArray());
        engine.ReadGate.SetResult();
        await engine.HistoryRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await hub.Hub.PublishAsync("general", "5"u8.ToArray());
        engine.HistoryGate.SetResult();
        JsonElement joined = await bob.NextAsync("joined-room");
        Assert.Equal([1, 2, 3, 4], Offsets(joined));
        Assert.Equal(4, joined.Number("offset"));
        Assert.Equal(5, (await bob.NextAsync("message")).Number("offset"));
        await bob.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("""{"type":"history","room":"elsewhere"}""", "unknown-room")]
    [InlineData("""{"type":"history","room":"general"}""", "not-in-room")]
    [InlineData("""{"type":"history"}""", "invalid-format")]
    [InlineData("""{"type":"history","room":"general","since":"1"}""", "invalid-format")]
    [InlineData("""{"type":"history","room":"general","before":-1}""", "invalid-format")]
    [InlineData("""{"type":"history","room":"general","limit":true}""", "invalid-format")]
    public async Task What_cannot_be_read_is_an_error(string message, string code)
    {
        await using TestHub hub = await StartAsync(size: 5);
        await hub.JoinAsAsync("ann", "general");
        TestClient client = await hub.ConnectAsAsync("bob");
        await client.ExpectErrorAsync(message, code);
    }

    private Task<TestHub> StartAsync(
        int size,
        Action<LongwireHubOptions>? configure = null,
        Func<IHubEngine, IHubEngine>? wrapEngine = null
    ) =>
        StartHubAsync(
            options =>
            {
                options.Rooms.Default!.HistorySize = size;
                configure?.Invoke(options);
            },
            wrapEngine: wrapEngine
        );

    private static async Task PublishAsync(TestClient client, int count)
    {
        for (int number = 1; number <= count; number++)
        {
            await client.AskAsync($$"""{"type":"message","room":"general","content":{{number}}}""", "message");
        }
    }

    private static long[] Offsets(JsonElement message) =>
        [.. message.GetProperty("messages").EnumerateArray().Select(publication => publication.Number("offset"))];
}
