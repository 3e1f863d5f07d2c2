using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>Messages that the hub can't understand: it says so and goes on.</summary>
public sealed class BadMessageTests(LongwireServer server) : IClassFixture<LongwireServer>
{
    private static readonly Dictionary<string, (string Text, string Code)> _cases = new()
    {
        ["nothing"] = ("", "invalid-json"),
        ["a word"] = ("hello", "invalid-json"),
        ["an open object"] = ("{", "invalid-json"),
        ["two objects"] = ("{\"type\":\"ping\"}{\"type\":\"ping\"}", "invalid-json"),
        ["a trailing comma"] = ("{\"type\":\"ping\",}", "invalid-json"),
        ["objects 10,000 deep"] = (string.Concat(Enumerable.Repeat("{\"a\":", 10_000)), "invalid-json"),
        ["arrays 10,000 deep"] = (new string('[', 10_000), "invalid-json"),
        ["an array"] = ("[]", "invalid-format"),
        ["a string"] = ("\"ping\"", "invalid-format"),
        ["a number"] = ("42", "invalid-format"),
        ["null"] = ("null", "invalid-format"),
        ["an empty object"] = ("{}", "invalid-format"),
        ["a type that is a number"] = ("{\"type\":5}", "invalid-format"),
        ["a type that is null"] = ("{\"type\":null}", "invalid-format"),
        ["a room that is a number"] = ("{\"type\":\"join-room\",\"room\":7}", "invalid-format"),
        ["a room that is missing"] = ("{\"type\":\"join-room\"}", "invalid-format"),
        ["a message without a room"] = ("{\"type\":\"message\",\"content\":\"x\"}", "invalid-format"),
        ["an id that is an object"] = ("{\"type\":\"ping\",\"id\":{}}", "invalid-format"),
        ["a token that is an array"] = ("{\"type\":\"auth\",\"token\":[]}", "invalid-format"),
        ["a name that is half of a surrogate pair"] = ("{\"\\ud800\":1}", "invalid-format"),
        ["a content that is half of a surrogate pair"] = (
            "{\"type\":\"message\",\"room\":\"general\",\"content\":\"\\udc00\"}",
            "invalid-format"
        ),
        ["a type that nobody knows"] = ("{\"type\":\"launch\"}", "unknown-type"),
        ["a room that there isn't"] = ("{\"type\":\"message\",\"room\":\"elsewhere\",\"content\":\"x\"}", "unknown-room"),
        ["a content over the limit"] = (
            "{\"type\":\"message\",\"room\":\"general\",\"content\":\"" + new string('x', 70_000) + "\"}",
            "too-large"
        ),
    };

    public static TheoryData<string> Cases => [.. _cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_sender_is_told_and_stays_connected(string name)
    {
        (string text, string code) = _cases[name];
        using RawClient client = await RawClient.JoinAsync(server, "mallory", "general");
        await client.SendTextAsync(text);
        JsonElement error = await client.ReadUntilAsync("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.DoesNotContain("Exception", error.GetRawText(), StringComparison.Ordinal);
        await client.SendTextAsync("""{"type":"ping"}""");
        await client.ReadUntilAsync("pong");
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Who_is_not_in_a_room_is_told_so()
    {
        using RawClient member = await RawClient.JoinAsync(server, "member", "closed circle");
        using RawClient client = await RawClient.JoinAsync(server, "mallory", "general");
        await client.SendTextAsync("""{"type":"message","room":"closed circle","content":"x"}""");
        Assert.Equal("not-in-room", (await client.ReadUntilAsync("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Who_has_not_authenticated_is_told_so()
    {
        using RawClient client = await RawClient.UpgradeAsync(server, "/ws");
        await client.SendTextAsync("""{"type":"join-room","room":"general"}""");
        JsonElement error = await client.ReadUntilAsync("error");
        Assert.Equal("Not authenticated", error.GetProperty("message").GetString());
        await client.SendTextAsync("""{"type":"auth","token":"valid-token","username":"late"}""");
        await client.ReadUntilAsync("auth-success");
    }

    [Fact]
    public async Task A_wrong_token_is_told_and_closes_with_1008()
    {
        using RawClient client = await RawClient.UpgradeAsync(server, "/ws");
        await client.SendTextAsync("""{"type":"auth","token":"abc123","username":"mallory"}""");
        await client.ReadUntilAsync("auth-failed");
        Assert.Equal((1008, "Authentication failed"), await client.ReadCloseAsync());
    }

    [Fact]
    public async Task Others_in_the_room_see_nothing_of_it()
    {
        using RawClient reader = await RawClient.JoinAsync(server, "reader", "quiet");
        using RawClient client = await RawClient.JoinAsync(server, "mallory", "quiet");
        await reader.ReadUntilAsync("user-joined");
        foreach ((string text, _) in _cases.Values)
        {
            await client.SendTextAsync(text);
        }

        await client.SendTextAsync("""{"type":"message","room":"quiet","content":"the first good one"}""");
        while (await reader.ReadFrameAsync() is { } frame)
        {
            JsonElement message = JsonDocument.Parse(frame.Payload).RootElement;

            // People who come and go anywhere are announced to all; that is nothing of it.
            if (message.GetProperty("type").GetString() is "user-joined" or "user-left")
            {
                continue;
            }

            Assert.Equal("the first good one", message.GetProperty("message").GetString());
            return;
        }

        Assert.Fail("The server ended the reader's connection.");
    }
}
