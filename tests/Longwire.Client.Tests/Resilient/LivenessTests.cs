namespace Longwire.Client.Tests;

/// <summary>Alive or not. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class LivenessTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scenarios_29_and_30_a_machine_that_slept_comes_back_at_once(bool monotonicStandsStill)
    {
        await using var world = new ResilientWorld();
        WebSocketConnection server = await world.OpenAsync();
        world.Time.Sleep(TimeSpan.FromHours(1), monotonicStandsStill);
        ClientStateChange change = await world.States.NextAsync(ClientState.Reconnecting);
        Assert.Equal("1006 asleep", change.Reason!.ToString());
        Assert.Equal(TimeSpan.Zero, change.Delay);
        await server.Completion.WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.Abnormal, server.CloseStatus);
        await world.States.NextAsync(ClientState.Connecting);
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("No network yet.", null));

        await world.States.NextAsync(ClientState.Reconnecting);
        world.Time.Sleep(TimeSpan.FromHours(1), monotonicStandsStill: true);
        await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
    }

    [Fact]
    public async Task Scenario_31_a_late_look_asks_and_an_answer_settles_it()
    {
        await using var world = new ResilientWorld();
        WebSocketConnection server = await world.OpenAsync();
        world.Time.Sleep(TimeSpan.FromSeconds(10));
        await server.SendTextAsync("alive");
        Assert.Equal("alive", (await world.Socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        world.Time.Advance(TimeSpan.FromSeconds(6));
        await server.SendTextAsync("still");
        Assert.Equal("still", (await world.Socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        Assert.Equal(ClientState.Open, world.Socket.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scenarios_31_and_32_a_peer_that_does_not_answer_a_probe_is_given_up(bool isNetworkChange)
    {
        await using var world = new ResilientWorld();
        Task connecting = world.Socket.ConnectAsync();
        TestNetwork.Dial dial = await world.Network.NextAsync();
        dial.AcceptSilently();
        await connecting.WaitAsync(Patience.Long);
        if (isNetworkChange)
        {
            Surroundings.For(world.Time).OnNetworkChanged();
        }
        else
        {
            world.Time.Sleep(TimeSpan.FromSeconds(10));
        }

        world.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ClientState.Open, world.Socket.State);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1006 The server did not answer.", (await world.States.UntilAsync(ClientState.Reconnecting)).Reason!.ToString());
    }

    [Fact]
    public async Task Scenario_32_a_network_that_comes_back_ends_the_wait()
    {
        await using var world = new ResilientWorld();
        (await world.OpenAsync()).Abort();
        await world.States.UntilAsync(ClientState.Reconnecting);
        Surroundings.For(world.Time).OnNetworkChanged();
        await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
    }

    [Fact]
    public async Task Scenario_34_a_date_that_is_set_back_is_nothing()
    {
        await using var world = new ResilientWorld();
        await world.OpenAsync();
        world.Time.StepDate(TimeSpan.FromDays(-1));
        world.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ClientState.Open, world.Socket.State);
        await world.Socket.CloseAsync().WaitAsync(Patience.Long);
        await world.States.UntilAsync(ClientState.Closed);
        Assert.Equal(
            [ClientState.Connecting, ClientState.Open, ClientState.Closed],
            world.States.All.Select(static change => change.State)
        );
    }

    [Fact]
    public async Task Scenarios_27_and_28_a_peer_from_which_nothing_comes_is_given_up_after_a_ping()
    {
        await using var world = new ResilientWorld();
        Task connecting = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).AcceptSilently();
        await connecting.WaitAsync(Patience.Long);
        for (int second = 0; second < 34; second++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            await world.Socket.SendAsync("into the void");
        }

        Assert.Equal(ClientState.Open, world.Socket.State);
        world.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(CloseStatus.Abnormal, (await world.States.UntilAsync(ClientState.Reconnecting)).Reason!.Status);
    }

    [Fact]
    public async Task By_hand_the_wait_ends_at_once()
    {
        await using var world = new ResilientWorld();
        world.Socket.ReconnectNow();
        Assert.Equal(ClientState.Idle, world.Socket.State);
        (await world.OpenAsync()).Abort();
        await world.States.UntilAsync(ClientState.Reconnecting);
        world.Socket.ReconnectNow();
        await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
    }

    [Fact]
    public async Task Over_TCP_a_server_that_resets_the_first_attempts_is_found_in_the_end()
    {
        int attempts = 0;
        await using var server = new ScriptedServer(async peer =>
        {
            if (Interlocked.Increment(ref attempts) < 3)
            {
                peer.Reset();
                return;
            }

            await peer.AcceptAsync();
            Assert.Equal("kept", System.Text.Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));
            await peer.SendAsync("\u0081\u0002hi");
            await peer.ReadToEndAsync();
        });
        await using var socket = new ResilientWebSocket(
            server.Address,
            new ResilientWebSocketOptions { Reconnect = new ReconnectOptions { InitialDelay = TimeSpan.FromMilliseconds(1) } }
        );
        Assert.Equal(SendOutcome.Queued, await socket.SendAsync("kept"));
        Assert.Equal("hi", (await socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        Assert.Equal(3, attempts);
    }
}
