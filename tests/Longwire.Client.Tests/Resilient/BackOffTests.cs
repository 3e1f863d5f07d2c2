using System.Net;

namespace Longwire.Client.Tests;

/// <summary>When a client comes back. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class BackOffTests
{
    private static readonly ConnectionEnding _lost = ConnectionEnding.Of(CloseStatus.Abnormal, "", null);

    [Fact]
    public async Task Scenario_2_a_server_that_is_not_there_is_asked_again_and_again()
    {
        await using var world = new ResilientWorld();
        world.Jitter = 0.5;
        Task connecting = world.Socket.ConnectAsync();
        for (int attempt = 1; attempt <= 5; attempt++)
        {
            (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Nobody is there.", null));
            ClientStateChange change = await world.AttemptAsync();
            Assert.Equal(attempt, change.Attempt);
            Assert.Equal(0.5 * Math.Pow(1.5, attempt - 1), change.Delay.TotalSeconds, 3);
            Assert.Equal("Nobody is there.", change.Reason!.ToString());
            Assert.False(connecting.IsCompleted);
        }

        await world.Network.AcceptAsync();
        await connecting.WaitAsync(Patience.Long);
        Assert.Equal(ClientState.Open, world.Socket.State);
    }

    [Fact]
    public void Scenario_3_delays_grow_by_half_up_to_thirty_seconds()
    {
        var options = new ReconnectOptions();
        double[] most = [.. Enumerable.Range(1, 40).Select(attempt => Delay(attempt, options, 1).TotalSeconds)];
        Assert.Equal([1, 1.5, 2.25], most[..3]);
        Assert.Equal(25.628906, most[8], 3);
        Assert.All(most[9..], static delay => Assert.Equal(30, delay));
        Assert.Equal(TimeSpan.Zero, Delay(7, options, 0));
        Assert.Equal(TimeSpan.FromSeconds(30), Delay(int.MaxValue, options, 1));
    }

    [Fact]
    public async Task Scenario_4_the_attempts_count_on_until_a_connection_has_lasted()
    {
        await using var world = new ResilientWorld();
        WebSocketConnection server = await world.OpenAsync();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            server.Abort();
            ClientStateChange change = await world.AttemptAsync();
            Assert.Equal(attempt, change.Attempt);
            server = await world.Network.AcceptAsync();
            await world.States.UntilAsync(ClientState.Open);
            world.Time.Advance(TimeSpan.FromSeconds(4.9));
        }

        world.Time.Advance(TimeSpan.FromSeconds(0.1));
        server.Abort();
        Assert.Equal(1, (await world.States.UntilAsync(ClientState.Reconnecting)).Attempt);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("date")]
    public async Task Scenario_7_a_server_that_says_when_is_asked_then(string value)
    {
        await using var world = new ResilientWorld();
        world.Jitter = 0.25;
        string header = value == "date" ? world.Time.GetUtcNow().AddSeconds(7).ToString("R") : value;
        _ = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).Fail(
            new WebSocketHandshakeException("Busy.", HttpStatusCode.ServiceUnavailable, [KeyValuePair.Create("Retry-After", header)])
        );
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, change.Reason!.HttpStatus);
        Assert.Equal(7.25, change.Delay.TotalSeconds, 3);
    }

    [Fact]
    public void Scenario_7_a_server_that_says_never_is_asked_after_five_minutes()
    {
        var error = new WebSocketHandshakeException(
            "Busy.",
            HttpStatusCode.TooManyRequests,
            [KeyValuePair.Create("retry-after", "999999")]
        );
        var ending = ConnectionEnding.Of(error, TimeProvider.System);
        Assert.Equal(TimeSpan.FromMinutes(5), BackOff.Delay(1, ending.Advice, ending, null, new(), static () => 0));
    }

    [Fact]
    public void Scenario_8_many_clients_that_lose_one_server_come_back_spread_over_the_first_second()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        int[] tenths = new int[10];
        for (int client = 0; client < 1_000; client++)
        {
            TimeSpan delay = BackOff.Delay(1, ReconnectAdvice.BackOff, _lost, null, new(), random.NextDouble);
            tenths[(int)(delay.TotalSeconds * 10)]++;
        }

        Assert.True(tenths.Max() <= 200, $"Seed {seed}: {string.Join(' ', tenths)}");
    }

    [Fact]
    public void Scenario_6_what_drain_says_counts_to_the_millisecond()
    {
        TimeSpan told = TimeSpan.FromMilliseconds(4_321);
        Assert.Equal(told, BackOff.Delay(1, ReconnectAdvice.BackOff, _lost, told, new(), static () => 0.9));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 30)]
    public void A_full_server_is_left_alone_for_a_while(double jitter, double seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            BackOff.Delay(1, ReconnectAdvice.Later, ConnectionEnding.Of(CloseStatus.TryAgainLater, "", null), null, new(), () => jitter)
        );

    [Fact]
    public async Task Scenarios_9_and_10_a_client_that_gave_up_leaves_nothing_behind_and_can_be_started_again()
    {
        await using var world = new ResilientWorld(static options => options.Reconnect.MaxAttempts = 2);
        await world.Socket.SendAsync("kept");
        Task connecting = world.Socket.ConnectAsync();
        for (int attempt = 0; attempt <= 2; attempt++)
        {
            (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Nobody is there.", null));
            if (attempt < 2)
            {
                await world.AttemptAsync();
            }
        }

        await world.States.UntilAsync(ClientState.Closed);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connecting.WaitAsync(Patience.Long));
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, world.Network.Addresses.Length);
        Assert.Equal(0, world.Time.TimerCount);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => world.Socket.SendAsync("late").AsTask());

        connecting = world.Socket.ConnectAsync();
        Assert.Equal(0, (await world.States.NextAsync(ClientState.Connecting)).Attempt);
        WebSocketConnection server = await world.Network.AcceptAsync();
        await connecting.WaitAsync(Patience.Long);
        Assert.Equal("kept", await ResilientWorld.ReadAsync(server));
    }

    private static TimeSpan Delay(int attempt, ReconnectOptions options, double jitter) =>
        BackOff.Delay(attempt, ReconnectAdvice.BackOff, _lost, null, options, () => jitter);
}
