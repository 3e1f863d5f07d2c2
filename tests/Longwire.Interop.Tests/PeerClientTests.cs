using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>Other implementations' clients on Longwire's echo.</summary>
public sealed class PeerClientTests(LongwireServer server) : IClassFixture<LongwireServer>
{
    public static TheoryData<string> Peers => [.. EchoPeer.Names];

    public static TheoryData<string, string, int, bool> Messages =>
        [
            .. from peer in EchoPeer.Names
            from type in new[] { "text", "binary" }
            from size in Payload.Sizes
            from compressed in new[] { true, false }
            where compressed || type == "binary"
            select (peer, type, size, compressed),
        ];

    public static TheoryData<string, int, string> CloseStatuses =>
        [
            .. from peer in EchoPeer.Names
            from close in new[] { (1000, ""), (1000, "done"), (1001, "leaving"), (1011, "at fault"), (3000, ""), (4999, "é世👋") }
            select (peer, close.Item1, close.Item2),
        ];

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_message_comes_back_as_it_was_sent(string peer, string type, int size, bool compressed)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo" + (compressed ? "" : "?uncompressed")], "echo", type, size);
        Assert.Equal(compressed ? "permessage-deflate" : "", seen.GetProperty("extensions").GetString());
        AssertClosed(seen, 1000, "");
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_thousand_messages_come_back_in_their_order(string peer)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"], "pipelined", 1000);
        Assert.Equal(1000, seen.GetProperty("messages").GetInt32());
    }

    [Theory]
    [InlineData("ws", "text", 100_000, 2)]
    [InlineData("ws", "binary", 1 << 20, 100)]
    [InlineData("websockets", "text", 100_000, 2)]
    [InlineData("websockets", "binary", 1 << 20, 100)]
    [InlineData("gorilla", "text", 100_000, 2)]
    [InlineData("gorilla", "binary", 1 << 20, 100)]
    [InlineData("nhooyr", "text", 100_000, 2)]
    [InlineData("nhooyr", "binary", 1 << 20, 100)]
    public async Task Fragments_with_a_ping_between_them_come_back_as_one_message(string peer, string type, int size, int count)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"], "fragments", type, size, count);
        AssertClosed(seen, 1000, "");
    }

    [Theory]
    [InlineData("ws", 0)]
    [InlineData("ws", 125)]
    [InlineData("websockets", 1)]
    [InlineData("websockets", 125)]
    [InlineData("aiohttp", 0)]
    [InlineData("aiohttp", 125)]
    [InlineData("gorilla", 0)]
    [InlineData("gorilla", 125)]
    [InlineData("nhooyr", 1)]
    public async Task A_ping_is_answered_by_a_pong_with_the_same_payload(string peer, int size)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"], "ping", size);
        Assert.Equal(size, seen.GetProperty("bytes").GetInt32());
    }

    [Theory]
    [MemberData(nameof(CloseStatuses))]
    public async Task A_close_is_answered_with_its_own_status(string peer, int code, string reason)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"], "close", code, reason);
        Assert.Equal(code, seen.GetProperty("code").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task An_empty_close_is_answered_with_an_empty_close(string peer)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"], "close");
        AssertClosed(seen, 1005, "");
    }

    private void AssertClosed(JsonElement seen, int code, string reason)
    {
        Assert.Equal(code, seen.GetProperty("code").GetInt32());
        Assert.Equal(reason, seen.GetProperty("reason").GetString());
        server.AssertNothingWentWrong();
    }
}
