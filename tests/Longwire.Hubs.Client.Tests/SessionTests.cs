using System.Buffers.Text;
using System.Text;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Sessions, tokens, questions. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_client_that_comes_back_continues_its_session()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        await world.Client.ConnectAsync().WaitAsync(Patience.Long);
        string clientId = world.Client.ClientId!;
        Assert.Equal(("ann", "ann"), (world.Client.UserId, world.Client.Username));
        await world.States.UntilAsync(ClientState.Open);
        await world.LoseAsync();
        Assert.Equal(clientId, world.Client.ClientId);
        Assert.True(world.Wire.FromHub[^1].GetProperty("resumed").GetBoolean());
    }

    [Theory]
    [InlineData(1012)]
    [InlineData(1006)]
    public async Task Scenario_6_a_server_that_goes_away_says_when_to_come_back(int code)
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.SendDown("""{"type":"drain","reconnectAfterMs":4321}""");
        if (code == 1006)
        {
            // Read before the end.
            await room.PresenceAsync().WaitAsync(Patience.Long);
            world.Wire.Cut();
        }
        else
        {
            world.Wire.Close(code, "Service restart");
        }

        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal((1, TimeSpan.FromMilliseconds(4_321)), (change.Attempt, change.Delay));
    }

    [Fact]
    public async Task Scenario_23_an_expired_token_is_replaced()
    {
        int asked = 0;
        await using HubWorld world = await HubWorld.StartAsync(
            PublishingTests.MapUsers,
            client => client.Token = _ => Task.FromResult(++asked == 1 ? "bad" : "ann"),
            user: null
        );
        Task connecting = world.Client.ConnectAsync();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal("1008 Invalid authentication", change.Reason!.ToString());
        world.Time.Advance(change.Delay);
        await connecting.WaitAsync(Patience.Long);
        Assert.Equal("ann", world.Client.UserId);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 5)]
    public async Task Scenario_24_a_client_that_is_refused_again_and_again_is_closed(bool isTheSame, int handshakes)
    {
        int asked = 0;
        await using HubWorld world = await HubWorld.StartAsync(
            PublishingTests.MapUsers,
            client => client.Token = _ => Task.FromResult(isTheSame ? "bad" : $"bad {++asked}"),
            user: null
        );
        Task connecting = world.Client.ConnectAsync();
        for (int attempt = 1; attempt <= (isTheSame ? 1 : 4); attempt++)
        {
            world.Time.Advance((await world.States.UntilAsync(ClientState.Reconnecting)).Delay);
        }

        ClientStateChange closed = await world.States.UntilAsync(ClientState.Closed);
        Assert.Equal("1008 Invalid authentication", closed.Reason!.ToString());
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connecting.WaitAsync(Patience.Long));
        Assert.Equal(handshakes, world.Wire.Handshakes.Length);
    }

    [Fact]
    public async Task Scenario_25_a_token_that_has_ended_is_replaced_at_once_and_the_session_goes_on()
    {
        int asked = 0;
        await using HubWorld world = await HubWorld.StartAsync(
            MapTokens,
            client => client.Token = _ => Task.FromResult($"ann {++asked}"),
            user: null
        );
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        var seen = new Collector();
        room.On<Edit>((edit, _) => seen.Add(edit.Number));
        await room.JoinAsync().WaitAsync(Patience.Long);
        string clientId = world.Client.ClientId!;
        world.Wire.Close(4003, "Token expired");
        await other.PublishAsync("tea", new Edit(1));
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal(TimeSpan.Zero, change.Delay);
        Assert.Equal(1, await seen.NextAsync());
        Assert.Equal((2, clientId), (asked, world.Client.ClientId));
    }

    [Fact]
    public async Task Scenario_26_a_token_that_says_when_it_ends_is_renewed_in_place()
    {
        int asked = 0;
        await using HubWorld world = await HubWorld.StartAsync(
            MapTokens,
            client =>
                client.Token = _ =>
                {
                    asked++;
                    return Task.FromResult(Jwt(client.TimeProvider.GetUtcNow().AddMinutes(10)));
                },
            user: null
        );
        await world.Client.ConnectAsync().WaitAsync(Patience.Long);
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        for (int second = 1; second < 9 * 60; second++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            if (second % 10 == 0)
            {
                // Both sides get their turn, or each would think that the other is dead.
                await room.PresenceAsync().WaitAsync(Patience.Long);
            }
        }

        Assert.Equal(1, asked);
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Wire.LetsDown = message =>
        {
            if (HubWorld.Is(message, "auth-success"))
            {
                renewed.TrySetResult();
            }

            return true;
        };
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await renewed.Task.WaitAsync(Patience.Long);
        Assert.Equal(2, asked);
        Assert.Single(world.Wire.Handshakes);
        Assert.Equal(ClientState.Open, world.Client.State);
    }

    [Fact]
    public async Task Scenario_52_an_ask_that_was_not_answered_fails_with_its_connection_and_is_not_asked_again()
    {
        await using HubWorld world = await HubWorld.StartAsync(MapSearch);
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        Assert.Equal(3, (await room.AskAsync<Found>(new Search("tea")).WaitAsync(Patience.Long)).Count);
        world.Wire.LetsDown = static message => !HubWorld.Is(message, "ack");
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Wire.LetsUp = message => asked.TrySetResult() || true;
        Task asking = room.AskAsync<Found>(new Search("milk"));
        await asked.Task.WaitAsync(Patience.Long);
        world.Wire.Cut();
        await Assert.ThrowsAsync<UncertainDeliveryException>(() => asking.WaitAsync(Patience.Long));
        world.Wire.LetsDown = null;
        await world.ReturnAsync();
        Assert.Equal(5, (await room.AskAsync<Found>(new Search("sugar")).WaitAsync(Patience.Long)).Count);
        Assert.Equal(3, world.Wire.FromClient.Count(static message => HubWorld.Is(message, "search")));
    }

    [Fact]
    public async Task Scenario_16_an_ask_waits_for_a_connection_within_its_time()
    {
        await using HubWorld world = await HubWorld.StartAsync(MapSearch);
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        HubClientRoom room = world.Client.Room("tea");
        Task joining = room.JoinAsync();
        Task<Found> patient = room.AskAsync<Found>(new Search("tea"), TimeSpan.FromMinutes(5));
        Task impatient = room.AskAsync<Found>(new Search("tea"), TimeSpan.FromMilliseconds(500));
        await world.States.UntilAsync(ClientState.Reconnecting);
        world.Wire.Refusal = null;
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => impatient.WaitAsync(Patience.Long));
        Assert.Equal(3, (await patient.WaitAsync(Patience.Long)).Count);
        await joining.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Scenario_53_a_question_that_comes_again_is_answered_once()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        var answer = new TaskCompletionSource<bool>();
        int calls = 0;
        world.Client.OnAsk<Confirm, bool>(confirm =>
        {
            calls++;
            Assert.Equal("Sure?", confirm.Text);
            return answer.Task;
        });
        await world.Client.ConnectAsync().WaitAsync(Patience.Long);
        await world.States.UntilAsync(ClientState.Open);
        Task<bool> asking = world
            .Host.Hub.Session(world.Client.ClientId!)
            .AskAsync<bool>(new Confirm("Sure?"), TimeSpan.FromMinutes(5))
            .AsTask();
        await world.LoseAsync();
        // The question has come again by the time that this is answered.
        await world.Client.Room("tea").JoinAsync().WaitAsync(Patience.Long);
        answer.SetResult(true);
        Assert.True(await asking.WaitAsync(Patience.Long));
        Assert.Equal(1, calls);
        Assert.Single(world.Wire.FromClient, static message => HubWorld.Is(message, "reply"));
    }

    [Fact]
    public async Task A_question_whose_handler_fails_is_refused_without_its_exception_s_text()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        world.Client.OnAsk<Confirm, bool>(static _ => throw new InvalidOperationException("secret"));
        await world.Client.ConnectAsync().WaitAsync(Patience.Long);
        AskRefusedException refused = await Assert.ThrowsAsync<AskRefusedException>(() =>
            world.Host.Hub.Session(world.Client.ClientId!).AskAsync<bool>(new Confirm("Sure?")).AsTask().WaitAsync(Patience.Long)
        );
        Assert.Equal("The client failed.", refused.Message);
    }

    [Fact]
    public async Task Secrets_and_tokens_are_in_no_log_and_no_reason()
    {
        var log = new TextLog();
        await using HubWorld world = await HubWorld.StartAsync(
            PublishingTests.MapUsers,
            client =>
            {
                client.Token = static _ => Task.FromResult("ann-token");
                client.LoggerFactory = log;
            },
            user: null
        );
        await world.Client.ConnectAsync().WaitAsync(Patience.Long);
        await world.States.UntilAsync(ClientState.Open);
        string secret = world.Wire.FromHub[0].GetProperty("session").GetString()!;
        await world.LoseAsync();
        world.Wire.Close(4002, "Kicked");
        await world.States.UntilAsync(ClientState.Closed);
        string text = log.Text + string.Join('\n', world.States.All.Select(static change => change.ToString()));
        Assert.Contains("4002 Kicked", text);
        Assert.DoesNotContain(secret, text);
        Assert.DoesNotContain("ann-token", text);
    }

    private static void MapTokens(LongwireHubEndpointBuilder hub)
    {
        HubWorld.MapRooms(hub);
        hub.OnAuthenticate(static (AuthenticateRequest auth) => auth.Accept(userId: "ann"));
    }

    private static void MapSearch(LongwireHubEndpointBuilder hub) =>
        hub.MapRoom("{room}").On<Search, Found>(static (_, search) => ValueTask.FromResult(new Found(search.Text.Length)));

    private static string Jwt(DateTimeOffset end) =>
        $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"sub":"ann","exp":{{end.ToUnixTimeSeconds()}}}"""))}.signature";
}
