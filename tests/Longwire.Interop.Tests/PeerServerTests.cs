using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Interop.Tests;

/// <summary>Longwire's client on other implementations' echo servers.</summary>
public sealed class PeerServerTests
{
    private static readonly WebSocketClientOptions _options = new()
    {
        UseProxy = false,
        Connection = new WebSocketConnectionOptions { MaxMessageBytes = 64 << 20 },
    };

    public static TheoryData<string> Peers => [.. EchoPeer.Names];

    public static TheoryData<string, string, bool> Types =>
        [
            .. from peer in EchoPeer.Names
            from type in new[] { "text", "binary" }
            from compressed in new[] { true, false }
            select (peer, type, compressed),
        ];

    public static TheoryData<string, int, string> CloseStatuses =>
        [
            .. from peer in EchoPeer.Names
            from close in new[] { (1000, ""), (1001, "leaving"), (1011, "at fault"), (4999, "é世👋") }
            select (peer, close.Item1, close.Item2),
        ];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Messages_of_all_sizes_come_back_as_they_were_sent(string peer, string type, bool compressed)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketClientOptions options = _options with
        {
            Connection = _options.Connection with { Deflate = new DeflateOptions { Enabled = compressed } },
        };
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, options);
        Assert.Equal(compressed ? "permessage-deflate" : "", await server.WaitForExtensionsAsync());
        await Echo.AssertSizesComeBackAsync(connection, type);
        await connection.CloseAsync();
        Assert.Equal(CloseStatus.NormalClosure, connection.CloseStatus);
        Assert.Equal((1000, ""), await server.WaitForClosedAsync());
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_thousand_messages_come_back_in_their_order(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        await Echo.AssertAThousandComeBackInOrderAsync(connection);
        await connection.CloseAsync();
    }

    [Theory]
    [InlineData("ws", 2, 100_000)]
    [InlineData("ws", 100, 1 << 20)]
    [InlineData("websockets", 2, 100_000)]
    [InlineData("websockets", 100, 1 << 20)]
    [InlineData("gorilla", 2, 100_000)]
    [InlineData("gorilla", 100, 1 << 20)]
    [InlineData("nhooyr", 2, 100_000)]
    [InlineData("nhooyr", 100, 1 << 20)]
    public async Task A_message_in_fragments_with_pings_between_them_is_read_as_one(string peer, int count, int size)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        await connection.SendTextAsync($"!fragments {count} {size}");
        Assert.Equal(Payload.Text(size), (await Echo.ReadAsync(connection)).Text);

        // The connection is in order behind it.
        await connection.SendTextAsync("next");
        Assert.Equal("next", (await Echo.ReadAsync(connection)).Text);
        await connection.CloseAsync();
        Assert.Equal((1000, ""), await server.WaitForClosedAsync());
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Pings_are_answered_in_both_directions(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        TimeSpan roundTrip = await connection.PingAsync().WaitAsync(Patience.Short);
        Assert.InRange(roundTrip, TimeSpan.FromTicks(1), Patience.Short);
        Assert.Equal(roundTrip, connection.RoundTripTime);
        await connection.SendTextAsync("!ping hello");
        Assert.Equal("pong hello", (await Echo.ReadAsync(connection)).Text);
        await connection.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task The_server_chooses_one_of_the_offered_subprotocols(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(
            server.Address,
            _options with
            {
                Subprotocols = ["x-other", "chat"],
            }
        );
        Assert.Equal("chat", connection.Subprotocol);
        Assert.Equal("chat", await server.WaitForSubprotocolAsync());
        await connection.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_server_that_speaks_none_of_the_offered_subprotocols_may_do_without(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options with { Subprotocols = ["x-other"] });
        Assert.Null(connection.Subprotocol);
        Assert.Equal("", await server.WaitForSubprotocolAsync());
        await connection.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(CloseStatuses))]
    public async Task The_server_sees_the_status_and_the_reason_that_the_client_closes_with(string peer, int code, string reason)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        await connection.CloseAsync((CloseStatus)code, reason).WaitAsync(Patience.Short);
        Assert.Equal((CloseStatus)code, connection.CloseStatus);
        Assert.Equal(WebSocketPhase.Closed, connection.State);
        (int seen, string seenReason) = await server.WaitForClosedAsync();
        Assert.Equal(code, seen);
        Assert.Equal(reason, seenReason);
    }

    [Theory]
    [MemberData(nameof(CloseStatuses))]
    public async Task The_client_sees_the_status_and_the_reason_that_the_server_closes_with(string peer, int code, string reason)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        await connection.SendTextAsync($"!close {code} {reason}".TrimEnd());
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() => Echo.ReadAsync(connection));
        Assert.Equal((CloseStatus)code, closed.Status);
        Assert.Equal(reason, closed.Reason);
        await connection.Completion.WaitAsync(Patience.Short);
        Assert.Equal((CloseStatus)code, connection.CloseStatus);
        Assert.Equal(reason, connection.CloseReason);
        (int seen, _) = await server.WaitForClosedAsync();
        Assert.Equal(code, seen);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task An_empty_close_of_the_server_is_reported_as_no_status(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        await connection.SendTextAsync("!close");
        await Assert.ThrowsAsync<WebSocketClosedException>(() => Echo.ReadAsync(connection));
        Assert.Equal(CloseStatus.NoStatus, connection.CloseStatus);
        (int seen, _) = await server.WaitForClosedAsync();
        Assert.Equal(1005, seen);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task The_end_of_TCP_without_a_close_is_reported_as_abnormal(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address, _options);
        await connection.SendTextAsync("!end");
        await Assert.ThrowsAsync<WebSocketClosedException>(() => Echo.ReadAsync(connection));
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
    }
}
