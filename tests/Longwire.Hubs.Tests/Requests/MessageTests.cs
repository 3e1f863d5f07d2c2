using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class MessageTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : MessageTests(null);

    public sealed class OnKestrel() : MessageTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : MessageTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : MessageTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_message_goes_to_everyone_in_the_room_the_sender_included()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        TestClient outsider = await hub.JoinAsAsync("eve", "elsewhere");
        await ann.NextAsync("user-joined");
        await ann.SendAsync("""{"type":"message","room":"general","content":"hello"}""");
        foreach (TestClient? client in new[] { ann, bob })
        {
            JsonElement message = await client.NextAsync("message");
            Assert.Equal(["type", "room", "userId", "username", "message", "timestamp", "epoch", "offset", "tag"], message.Names());
            Assert.Equal(
                ("general", "ann", "ann", "hello"),
                (message.Text("room"), message.Text("userId"), message.Text("username"), message.Text("message"))
            );
            Assert.Equal(hub.Time.GetUtcNow().ToUnixTimeMilliseconds(), message.Number("timestamp"));
            RoomPosition position = hub.Hub.FindRoom("general")!.Position;
            Assert.Equal(
                (position.Epoch, position.Offset, $"{position.Tag:x16}"),
                (message.Text("epoch"), message.Number("offset"), message.Text("tag"))
            );
        }

        await ann.ExpectNothingAsync();
        await outsider.ExpectNothingAsync();
    }

    [Fact]
    public async Task With_an_id_the_sender_gets_an_ack()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.SendAsync("""{"type":"message","room":"general","content":1,"id":"m1"}""");
        JsonElement message = await ann.NextAsync("message");
        Assert.False(message.Has("id"));
        JsonElement ack = await ann.NextAsync("ack");
        Assert.Equal(["type", "id", "room", "offset"], ack.Names());
        Assert.Equal(("m1", "general", 1), (ack.Text("id"), ack.Text("room"), ack.Number("offset")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("0.1e-7")]
    [InlineData("123456789012345678901234567890.10")]
    [InlineData("\"\"")]
    [InlineData("\"<b>\\u00e4 \\\" \\\\ \\/ \\ud83d\\ude00 \\u2028\"")]
    [InlineData("\"ünïcödé 😀\"")]
    [InlineData("{\"a\":1,\"a\":2,\"type\":\"x\",\"__proto__\":{}}")]
    [InlineData(" [ 1 , { \"b\" : [ ] } ] ")]
    public async Task Content_of_any_kind_comes_out_as_it_went_in(string content)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.SendAsync($$"""{ "content" :{{content}}, "room":"general" , "type" : "message" }""");
        Assert.Equal(content.Trim(), (await ann.NextAsync("message")).GetProperty("message").GetRawText());
    }

    [Fact]
    public async Task Of_a_field_given_twice_the_last_counts_and_unknown_fields_are_ignored()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.SendAsync(
            """{"type":"chat","content":1,"x":{"type":"y"},"room":"nowhere","type":"message","room":"general","content":2,"timestamp":5}"""
        );
        Assert.Equal(2, (await ann.NextAsync("message")).Number("message"));
    }

    [Fact]
    public async Task Names_and_rooms_with_quotes_and_signs_stay_what_they_are()
    {
        await using TestHub hub = await StartHubAsync();
        string name = "a\"b\\c<d>\u0001ä😀";
        TestClient client = await hub.ConnectAsync(new HubHandshake { Identity = new HubIdentity(name) });
        await client.AskAsync("""{"type":"join-room","room":"r\"\\<>ä😀"}""", "joined-room");
        JsonElement message = await client.AskAsync("""{"type":"message","room":"r\"\\<>ä😀","content":1}""", "message");
        Assert.Equal((name, "r\"\\<>ä😀"), (message.Text("userId"), message.Text("room")));
    }

    [Theory]
    [InlineData("""{"type":"message","room":"general"}""", "invalid-format")]
    [InlineData("""{"type":"message","content":1}""", "invalid-format")]
    [InlineData("""{"type":"message","room":1,"content":1}""", "invalid-format")]
    [InlineData("""{"type":"message","room":"elsewhere","content":1}""", "unknown-room")]
    [InlineData("""{"type":"message","room":"other","content":1}""", "not-in-room")]
    public async Task What_cannot_be_published_is_an_error(string message, string code)
    {
        await using TestHub hub = await StartHubAsync();
        await hub.JoinAsAsync("bob", "other");
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.ExpectErrorAsync(message, code);
    }

    [Fact]
    public async Task Content_may_have_so_many_bytes_and_no_more()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxContentBytes = 100);
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        string fits = "\"" + new string('x', 98) + "\"";
        await ann.AskAsync($$"""{"type":"message","room":"general","content":{{fits}}}""", "message");
        JsonElement error = await ann.ExpectErrorAsync(
            $$"""{"type":"message","room":"general","content":{{fits.Insert(1, "x")}},"id":"big"}""",
            "too-large"
        );
        Assert.Equal(("Message too large", "big"), (error.Text("message"), error.Text("id")));
        await ann.ExpectErrorAsync($$"""{"type":"chat","message":{{fits.Insert(1, "x")}}}""", "too-large");
        await ann.ExpectErrorAsync($$"""{"type":"direct","userId":"ann","content":{{fits.Insert(1, "x")}}}""", "too-large");
    }

    [Fact]
    public async Task The_application_decides_who_may_publish()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.Rooms.Default!.MayPublish = (session, room) => session.Identity!.UserId == "ann"
        );
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        await bob.ExpectErrorAsync("""{"type":"message","room":"general","content":1}""", "forbidden");
    }

    [Fact]
    public async Task An_application_that_throws_while_deciding_is_an_internal_error()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.Rooms.Default!.MayPublish = (_, _) => throw new InvalidOperationException("a secret of ours")
        );
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        JsonElement error = await ann.ExpectErrorAsync("""{"type":"message","room":"general","content":1,"id":"x"}""", "internal");
        Assert.Equal("""{"type":"error","code":"internal","message":"Internal error","id":"x"}""", error.GetRawText());
    }

    [Fact]
    public async Task The_application_publishes_like_a_member()
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Default!.HistorySize = 10);
        Assert.Equal(1, (await hub.Hub.PublishAsync("general", "\"early\""u8.ToArray())).Offset);
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement joined = await ann.AskAsync("""{"type":"join-room","room":"general","history":5}""", "joined-room");
        Assert.Equal("early", joined.GetProperty("messages")[0].Text("message"));
        RoomPosition position = await hub.Hub.PublishAsync("general", "{\"a\":1}"u8.ToArray(), new HubIdentity("bot", "Bot"));
        JsonElement message = await ann.NextAsync("message");
        Assert.Equal(("bot", "Bot", position.Offset), (message.Text("userId"), message.Text("username"), message.Number("offset")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.PublishAsync("general", "{"u8.ToArray()));
    }

    [Fact]
    public async Task A_binary_message_is_an_error()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.SendAsync(JsonSerializer.SerializeToUtf8Bytes("x"), MessageType.Binary);
        Assert.Equal("invalid-format", (await ann.NextAsync("error")).Text("code"));
    }
}
