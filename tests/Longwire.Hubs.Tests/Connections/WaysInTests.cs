using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A client of a hub gets the same, whichever way it comes in.</summary>
public abstract class WaysInTests(WayIn way, ServerTransport transport = ServerTransport.Kestrel)
{
    [Fact]
    public async Task It_hears_what_is_said_in_its_room_in_order_and_its_own_is_acked()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        HubWay bob = await server.ConnectAsync(WayIn.WebSocket, "bob");
        Assert.Equal(1, (await ann.JoinAsync("tea")).Number("members"));
        await bob.JoinAsync("tea");
        Assert.Equal("bob", (await ann.UntilAsync("user-joined")).Text("userId"));
        for (int number = 1; number <= 50; number++)
        {
            await bob.SendAsync($$"""{"type":"message","room":"tea","content":{{number}}}""");
        }

        for (int number = 1; number <= 50; number++)
        {
            JsonElement message = await ann.UntilAsync("message");
            Assert.Equal((number, number), (message.GetProperty("message").GetInt32(), message.Number("offset")));
        }

        await ann.SendAsync("""{"type":"message","room":"tea","content":{"text":"hello"},"id":"m1"}""");
        JsonElement ack = await ann.UntilAsync("ack");
        Assert.Equal(("m1", 51), (ack.Text("id"), ack.Number("offset")));
        Assert.Equal("hello", (await ann.UntilAsync("message")).GetProperty("message").Text("text"));
        await ann.SendAsync("""{"type":"message","room":"tea","content":{"text":"hello"},"id":"m1"}""");
        Assert.True((await ann.UntilAsync("ack")).GetProperty("repeated").GetBoolean());
    }

    [Fact]
    public async Task Requests_are_answered_and_errors_say_which_request_it_was()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        await ann.SendAsync("""{"type":"message","room":"tea","content":1,"id":"m1"}""");
        JsonElement error = await ann.UntilAsync("error");
        Assert.Equal(("unknown-room", "m1"), (error.Text("code"), error.Text("id")));
        await ann.JoinAsync("tea");
        await ann.SendAsync("""{"type":"ping","id":"p"}""");
        Assert.Equal("p", (await ann.UntilAsync("pong")).Text("id"));
        await ann.SendAsync("""{"type":"presence","room":"tea","id":"who"}""");
        Assert.Equal("ann", (await ann.UntilAsync("presence")).GetProperty("members")[0].Text("userId"));
        await ann.SendAsync("""{"type":"message","room":"tea","content":1}""");
        await ann.UntilAsync("message");
        await ann.SendAsync("""{"type":"history","room":"tea"}""");
        Assert.Equal(1, (await ann.UntilAsync("history")).GetProperty("messages").GetArrayLength());
        await ann.SendAsync("""{"type":"leave-room","room":"tea","id":"bye"}""");
        Assert.Equal("bye", (await ann.UntilAsync("left-room")).Text("id"));
    }

    [Fact]
    public async Task Lost_and_back_it_is_the_same_session_recovers_what_it_missed_and_the_others_notice_nothing()
    {
        await using WaysServer server = await StartAsync(static options => options.PresenceGrace = TimeSpan.FromDays(1));
        HubWay bob = await server.ConnectAsync(WayIn.WebSocket, "bob");
        await bob.JoinAsync("tea");
        HubWay ann = await server.ConnectAsync(way, "ann");
        JsonElement joined = await ann.JoinAsync("tea");
        string clientId = ann.ClientId;
        await bob.UntilAsync("user-joined");
        await ann.LoseAsync();
        await bob.SendAsync("""{"type":"message","room":"tea","content":"missed","id":"1"}""");
        await bob.UntilAsync("ack");

        await ann.ConnectAsync();
        Assert.True(ann.Resumed);
        Assert.Equal(clientId, ann.ClientId);
        joined = await ann.JoinAsync("tea", Recover(joined));
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal("missed", Assert.Single(joined.GetProperty("messages").EnumerateArray()).Text("message"));
        Assert.False(await bob.HasHeardAsync("user-left"));
        Assert.False(await bob.HasHeardAsync("user-joined"));
    }

    [Fact]
    public async Task However_often_it_loses_its_connection_it_gets_each_message_once_and_in_order()
    {
        const int messages = 150;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("LONGWIRE_SEED"), out int given) ? given : Random.Shared.Next(1_000_000);
        var random = new Random(seed);
        await using WaysServer server = await StartAsync(static options =>
            (options.PresenceGrace, options.RateLimit) = (TimeSpan.FromDays(1), null)
        );
        HubWay ann = await server.ConnectAsync(way, "ann");
        JsonElement at = await ann.JoinAsync("tea");
        List<long> heard = [];
        Task writing = WriteAsync();
        while (heard.Count < messages)
        {
            for (int count = random.Next(25); count > 0 && heard.Count < messages; count--)
            {
                at = await ann.UntilAsync("message");
                heard.Add(at.GetProperty("message").GetInt64());
            }

            await ann.LoseAsync();
            await ann.ConnectAsync();
            Assert.True(ann.Resumed, $"seed {seed}");
            JsonElement joined = await ann.JoinAsync("tea", Recover(at));
            Assert.True(joined.GetProperty("recovered").GetBoolean(), $"seed {seed}");
            at = joined;
            heard.AddRange(
                joined.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("message").GetInt64())
            );
        }

        await writing;
        Assert.True(heard.SequenceEqual(Enumerable.Range(1, messages).Select(static number => (long)number)), $"seed {seed}");

        async Task WriteAsync()
        {
            for (int number = 1; number <= messages; number++)
            {
                await server.Hub.PublishAsync("tea", Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Thrown_out_it_is_told_and_its_session_is_over()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        Assert.True(server.Hub.FindSession(ann.ClientId)!.IsConnected);
        server.Hub.FindSession(ann.ClientId)!.Kick();
        Assert.Equal(4002, await ann.ClosedAsync());

        await Eventually.TrueAsync(() => server.Hub.FindSession(ann.ClientId) is null);
    }

    [Fact]
    public async Task Banned_it_is_told_and_its_session_is_over()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        await ann.JoinAsync("tea");
        await server.Application.User("ann").BanAsync(TimeSpan.FromMinutes(5));
        JsonElement error = await ann.UntilAsync("error");
        Assert.Equal(("banned", 300_000), (error.Text("code"), error.Number("retryAfterMs")));
        Assert.Equal(4002, await ann.ClosedAsync());
        await Eventually.TrueAsync(() => server.Hub.FindSession(ann.ClientId) is null);
    }

    [Fact]
    public async Task Revoked_it_is_told_to_bring_another_token_and_its_session_is_over()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        await server.Application.Session(ann.ClientId).RevokeAsync();
        Assert.Equal(4003, await ann.ClosedAsync());
        await Eventually.TrueAsync(() => server.Hub.FindSession(ann.ClientId) is null);
    }

    [Fact]
    public async Task With_a_goodbye_the_others_are_told_at_once_that_it_left()
    {
        await using WaysServer server = await StartAsync();
        HubWay bob = await server.ConnectAsync(WayIn.WebSocket, "bob");
        await bob.JoinAsync("tea");
        HubWay ann = await server.ConnectAsync(way, "ann");
        await ann.JoinAsync("tea");
        await ann.CloseAsync();
        Assert.Equal("ann", (await bob.UntilAsync("user-left")).Text("userId"));
    }

    [Fact]
    public async Task A_question_of_the_applications_is_answered()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        ValueTask<bool> sure = server.Hub.FindSession(ann.ClientId)!.AskAsync<bool>(new Confirm("Delete?"));
        JsonElement ask = await ann.UntilAsync("ask");
        await ann.SendAsync($$"""{"type":"reply","to":"{{ask.Text("id")}}","content":true}""");
        Assert.True(await sure.AsTask().WaitAsync(HubWay.Patience));
    }

    [Fact]
    public async Task Bytes_that_are_said_in_its_room_come_whole()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(way, "ann");
        await ann.JoinAsync("tea");
        byte[] bytes = [0, 1, 2, 255];
        await server.Hub.Publisher.PublishAsync(
            "tea",
            new PublicationDraft("message", new PublicationSender("bob", "Bob"), ContentKind.Binary, bytes, server.Time.GetUtcNow()),
            key: null,
            fingerprint: 0,
            CancellationToken.None
        );
        Assert.Equal(bytes, (await ann.UntilAsync("message")).GetProperty("binary").GetBytesFromBase64());
    }

    private static string Recover(JsonElement at) =>
        $$""","recover":{"epoch":"{{at.Text("epoch")}}","offset":{{at.Number("offset")}},"tag":"{{at.Text("tag")}}"}""";

    private protected virtual Task<WaysServer> StartAsync(Action<LongwireHubOptions>? configure = null) =>
        WaysServer.StartAsync(configure, transport);

    private sealed record Confirm(string Text);
}
