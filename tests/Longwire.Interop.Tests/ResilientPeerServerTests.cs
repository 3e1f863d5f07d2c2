using System.Threading.Channels;
using Longwire.Client;

namespace Longwire.Interop.Tests;

/// <summary>The client that stays up, on plain servers of other implementations: docs/protocol/client.md.</summary>
public sealed class ResilientPeerServerTests
{
    public static TheoryData<string> Peers => ["ws", "websockets"];

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_connection_that_breaks_or_is_closed_is_replaced_and_what_waits_is_sent(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        await using ResilientWebSocket socket = Create(server);
        Channel<ClientStateChange> states = StatesOf(socket);
        Assert.Equal(SendOutcome.Queued, await socket.SendAsync("queued"));
        await ReadAsync(socket, "hello", "queued");
        foreach (string order in (string[])["!end", "!close", "!close 1001 leaving", "!close 1012 restart", "!close 4999 whatever"])
        {
            await socket.SendAsync(order);
            ClientStateChange change = await UntilAsync(states, ClientState.Reconnecting);
            Assert.NotEqual(ReconnectAdvice.Stop, change.Reason!.Advice);
            await socket.SendAsync("kept");
            // Each connection begins with what OnOpen says.
            await ReadAsync(socket, "hello", "kept");
            await UntilAsync(states, ClientState.Open);
        }
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_server_that_says_goodbye_is_left_alone(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        await using ResilientWebSocket socket = Create(server);
        Channel<ClientStateChange> states = StatesOf(socket);
        await socket.SendAsync("!close 1000 bye");
        ClientStateChange closed = await UntilAsync(states, ClientState.Closed);
        Assert.Equal("1000 bye", closed.Reason!.ToString());
        await Assert.ThrowsAsync<WebSocketClosedException>(() => socket.SendAsync("late").AsTask());
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task The_server_sees_a_goodbye(string peer)
    {
        await using EchoPeer server = await EchoPeer.StartServerAsync(peer);
        ResilientWebSocket socket = Create(server);
        await socket.ConnectAsync().WaitAsync(Patience.Short);
        await socket.DisposeAsync();
        Assert.Equal((1000, ""), await server.WaitForClosedAsync());
    }

    private static ResilientWebSocket Create(EchoPeer server) =>
        new(
            server.Address,
            new ResilientWebSocketOptions
            {
                Socket = new WebSocketClientOptions { UseProxy = false },
                Reconnect = new ReconnectOptions { InitialDelay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(50) },
                OnOpen = static (socket, cancellationToken) => socket.SendAsync("hello", cancellationToken),
            }
        );

    private static Channel<ClientStateChange> StatesOf(ResilientWebSocket socket)
    {
        var states = Channel.CreateUnbounded<ClientStateChange>();
        socket.StateChanged += (_, change) => states.Writer.TryWrite(change);
        return states;
    }

    private static async Task<ClientStateChange> UntilAsync(Channel<ClientStateChange> states, ClientState state)
    {
        while (true)
        {
            ClientStateChange change = await states.Reader.ReadAsync().AsTask().WaitAsync(Patience.Short);
            if (change.State == state)
            {
                return change;
            }
        }
    }

    private static async Task ReadAsync(ResilientWebSocket socket, params string[] expected)
    {
        foreach (string text in expected)
        {
            Assert.Equal(text, (await socket.ReadAsync().AsTask().WaitAsync(Patience.Short)).Text);
        }
    }
}
