namespace Longwire.Client.Tests;

/// <summary>The states of a client that stays up. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task Scenario_1_a_client_connects_is_open_and_is_closed()
    {
        await using var world = new ResilientWorld();
        Assert.Equal(ClientState.Idle, world.Socket.State);
        WebSocketConnection server = await world.OpenAsync();
        await world.Socket.CloseAsync().WaitAsync(Patience.Long);
        await server.Completion.WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.NormalClosure, server.CloseStatus);
        ClientStateChange closed = await world.States.NextAsync(ClientState.Closed);
        Assert.Equal("1000 by hand", closed.Reason!.ToString());
        Assert.Equal(
            [ClientState.Connecting, ClientState.Open, ClientState.Closed],
            world.States.All.Select(static change => change.State)
        );
    }

    [Theory]
    [InlineData(1000, "")]
    [InlineData(1008, "Not you")]
    [InlineData(4002, "Kicked")]
    public async Task Scenario_5_a_server_that_wants_nobody_back_gets_nobody(int code, string reason)
    {
        await using var world = new ResilientWorld();
        WebSocketConnection server = await world.OpenAsync();
        server.TryClose((CloseStatus)code, reason);
        ClientStateChange closed = await world.States.NextAsync(ClientState.Closed);
        Assert.Equal($"{code} {reason}".TrimEnd(), closed.Reason!.ToString());
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Single(world.Network.Addresses);
    }

    [Fact]
    public async Task Scenario_5_an_application_may_decide_otherwise()
    {
        await using var world = new ResilientWorld(static options => options.Advise = static _ => ReconnectAdvice.BackOff);
        WebSocketConnection server = await world.OpenAsync();
        server.TryClose(CloseStatus.NormalClosure);
        await world.ReturnAsync();
    }

    [Fact]
    public async Task Scenario_11_a_client_closed_in_an_event_handler_tells_of_it_after_the_call()
    {
        await using var world = new ResilientWorld();
        var inside = new TaskCompletionSource<ClientState>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isCalling = false;
        bool wasInside = false;
        world.Socket.StateChanged += (_, change) =>
        {
            wasInside |= isCalling;
            if (change.State == ClientState.Open)
            {
                isCalling = true;
                _ = world.Socket.CloseAsync();
                isCalling = false;
                inside.SetResult(world.Socket.State);
            }
        };
        await world.OpenAsync();
        await inside.Task.WaitAsync(Patience.Long);
        await world.States.NextAsync(ClientState.Closed);
        Assert.False(wasInside);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Single(world.Network.Addresses);
    }

    [Fact]
    public async Task Scenario_12_a_client_closed_while_it_connects_drops_the_handshake()
    {
        await using var world = new ResilientWorld();
        Task connecting = world.Socket.ConnectAsync();
        TestNetwork.Dial dial = await world.Network.NextAsync();
        await world.Socket.CloseAsync().WaitAsync(Patience.Long);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dial.Task.WaitAsync(Patience.Long));
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connecting.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Scenario_12_a_client_closed_while_it_waits_makes_no_attempt()
    {
        await using var world = new ResilientWorld();
        WebSocketConnection server = await world.OpenAsync();
        server.Abort();
        await world.States.UntilAsync(ClientState.Reconnecting);
        await world.Socket.CloseAsync().WaitAsync(Patience.Long);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Single(world.Network.Addresses);
        Assert.Equal(0, world.Time.TimerCount);
    }

    [Fact]
    public async Task Scenario_13_a_client_started_twice_makes_one_handshake()
    {
        await using var world = new ResilientWorld();
        Task first = world.Socket.ConnectAsync();
        Task second = world.Socket.ConnectAsync();
        await world.Network.AcceptAsync();
        await Task.WhenAll(first, second).WaitAsync(Patience.Long);
        await world.Socket.ConnectAsync().WaitAsync(Patience.Long);
        Assert.Single(world.Network.Addresses);
    }

    [Fact]
    public async Task Scenario_13_a_client_closed_and_started_again_at_once_has_one_connection_at_a_time()
    {
        await using var world = new ResilientWorld();
        WebSocketConnection first = await world.OpenAsync();
        Task closing = world.Socket.CloseAsync();
        Task connecting = world.Socket.ConnectAsync();
        await closing.WaitAsync(Patience.Long);
        await first.Completion.WaitAsync(Patience.Long);
        WebSocketConnection second = await world.Network.AcceptAsync();
        await connecting.WaitAsync(Patience.Long);
        await world.Socket.SendAsync("hi");
        Assert.Equal("hi", await ResilientWorld.ReadAsync(second));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scenario_13_an_attempt_that_was_given_up_is_over_before_the_next_one_dials_or_costs_one_attempt(bool ends)
    {
        // The first takes no notice of its end, as an event loop that is behind with its work.
        var first = new TaskCompletionSource<WebSocketConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int attempts = 0;
        int dials = 0;
        await using var world = new ResilientWorld(options =>
        {
            Func<Uri, WebSocketHandler, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>> connect = options.Connect!;
            options.Connect = (address, handler, socket, cancellationToken) =>
            {
                if (++dials > 1)
                {
                    return connect(address, handler, socket, cancellationToken);
                }

                begun.SetResult();
                return first.Task;
            };
            options.Headers = async _ =>
            {
                if (++attempts == 2)
                {
                    asked.SetResult();
                }

                return [];
            };
        });
        _ = world.Socket.ConnectAsync();
        await begun.Task.WaitAsync(Patience.Long);
        world.Time.Advance(TimeSpan.FromSeconds(15));
        await world.AttemptAsync();
        await asked.Task.WaitAsync(Patience.Long);
        if (ends)
        {
            first.SetException(new IOException("Over at last."));
        }
        else
        {
            world.Time.Advance(TimeSpan.FromSeconds(15));
            ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
            Assert.Equal(1, dials);
            world.Time.Advance(change.Delay);
        }

        await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
        Assert.Equal(2, dials);
    }

    [Fact]
    public async Task Scenario_13_a_connection_that_did_not_open_in_time_is_over_before_the_next_attempt_dials()
    {
        var held = new PlayedStream { IgnoresTokens = true };
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int attempts = 0;
        int dials = 0;
        await using var world = new ResilientWorld(options =>
        {
            Func<Uri, WebSocketHandler, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>> connect = options.Connect!;
            options.Connect = (address, handler, socket, cancellationToken) =>
                ++dials > 1
                    ? connect(address, handler, socket, cancellationToken)
                    : Task.FromResult(WebSocketConnection.FromStream(held, WebSocketRole.Client, socket.Connection, handler));
            options.OnOpen = (_, cancellationToken) =>
            {
                opening.TrySetResult();
                return dials > 1 ? ValueTask.CompletedTask : new ValueTask(Task.Delay(Timeout.Infinite, cancellationToken));
            };
            options.Headers = async _ =>
            {
                if (++attempts == 2)
                {
                    asked.SetResult();
                }

                return [];
            };
        });
        _ = world.Socket.ConnectAsync();
        await opening.Task.WaitAsync(Patience.Long);
        world.Time.Advance(TimeSpan.FromSeconds(15));
        await world.AttemptAsync();
        await asked.Task.WaitAsync(Patience.Long);
        Assert.Equal(1, dials);
        held.End();
        await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
    }

    [Fact]
    public async Task Scenario_14_nobody_hears_of_an_earlier_connection_any_more()
    {
        await using var world = new ResilientWorld();
        WebSocketConnection first = await world.OpenAsync();
        await first.SendTextAsync("from the first");
        await using IAsyncEnumerator<WebSocketMessage> messages = world.Socket.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience.Long));
        first.Abort();
        WebSocketConnection second = await world.ReturnAsync();
        Assert.False(first.TrySend("too late"u8, MessageType.Text));
        await second.SendTextAsync("from the second");
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience.Long));
        Assert.Equal("from the second", messages.Current.Text);
        Assert.Equal(ClientState.Open, world.Socket.State);
    }

    [Fact]
    public async Task Scenario_15_nothing_is_queued_from_the_call_of_close_on()
    {
        await using var world = new ResilientWorld();
        await world.OpenAsync();
        Task closing = world.Socket.CloseAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => world.Socket.SendAsync("late").AsTask());
        await closing.WaitAsync(Patience.Long);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => world.Socket.SendAsync("later").AsTask());
        Assert.Equal(0, world.Socket.WaitingMessages);
    }

    [Fact]
    public async Task Scenario_58_a_cancelled_wait_ends_nothing_else()
    {
        await using var world = new ResilientWorld();
        using var cancelled = new CancellationTokenSource();
        Task connecting = world.Socket.ConnectAsync(cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        WebSocketConnection server = await world.Network.AcceptAsync();
        await world.Socket.ConnectAsync().WaitAsync(Patience.Long);

        using var impatient = new CancellationTokenSource();
        Task reading = world.Socket.ReadAsync(impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await server.SendTextAsync("still there");
        Assert.Equal("still there", (await world.Socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        Assert.Equal(ClientState.Open, world.Socket.State);
    }

    [Fact]
    public async Task Scenario_58_a_handler_that_throws_loses_nothing()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = new ResilientWorld(options =>
            options.OnMessage = (_, payload) =>
            {
                if (payload.SequenceEqual("bad"u8))
                {
                    throw new InvalidOperationException("The handler is wrong.");
                }

                seen.TrySetResult(System.Text.Encoding.UTF8.GetString(payload));
            }
        );
        world.Socket.StateChanged += static (_, _) => throw new InvalidOperationException("So is this one.");
        WebSocketConnection server = await world.OpenAsync();
        await server.SendTextAsync("bad");
        await server.SendTextAsync("good");
        Assert.Equal("good", await seen.Task.WaitAsync(Patience.Long));
        Assert.Equal(ClientState.Open, world.Socket.State);
    }

    [Fact]
    public async Task Reading_ends_when_the_client_is_closed_for_good_and_what_came_before_is_read()
    {
        await using var world = new ResilientWorld();
        WebSocketConnection server = await world.OpenAsync();
        await server.SendTextAsync("last");
        server.TryClose(CloseStatus.NormalClosure, "done");
        await world.States.NextAsync(ClientState.Closed);
        var read = new List<string>();
        await foreach (WebSocketMessage message in world.Socket.ReadAllAsync())
        {
            read.Add(message.Text);
        }

        Assert.Equal(["last"], read);
        WebSocketClosedException end = await Assert.ThrowsAsync<WebSocketClosedException>(() => world.Socket.ReadAsync().AsTask());
        Assert.Equal("done", end.Reason);
    }

    [Fact]
    public async Task A_client_that_was_never_started_can_be_closed_and_disposed_of()
    {
        var world = new ResilientWorld();
        await world.Socket.CloseAsync();
        await world.DisposeAsync();
        Assert.Empty(world.Network.Addresses);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            _ = world.Socket.ConnectAsync();
        });
    }

    [Fact]
    public void An_address_of_no_WebSocket_server_is_refused_at_once() =>
        Assert.Throws<ArgumentException>(() => new ResilientWebSocket("ftp://example.com/"));
}
