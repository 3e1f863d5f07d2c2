using System.Text.Json;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Publications: once, in order, or told. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class PublishingTests
{
    [Fact]
    public async Task Scenario_35_what_is_published_offline_is_queued_then_sent_then_acked()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        HubClientRoom room = world.Client.Room("tea");
        SendReceipt receipt = await room.PublishAsync(new Say("hi"));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.True(receipt.Queued);
        await world.States.UntilAsync(ClientState.Reconnecting);
        world.Wire.Refusal = null;
        world.Time.Advance(TimeSpan.FromSeconds(1));
        RoomPosition at = await receipt.Acked.WaitAsync(Patience.Long);
        Assert.Equal(1, at.Offset);
        Assert.NotEmpty(at.Epoch);
        Assert.Equal(ReceiptState.Acked, receipt.State);
        Assert.False(receipt.Repeated);
        Assert.False(receipt.Queued);
        Assert.Equal(0, world.Client.WaitingPublications);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scenarios_36_and_37_an_ack_that_was_lost_is_had_by_sending_again(bool isAnotherSession)
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        string? clientId = world.Client.ClientId;
        world.Wire.LetsDown = static message => !HubWorld.Is(message, "ack");
        SendReceipt receipt = await room.PublishAsync(new Say("once"));
        await other.NextAsync<Say>();
        await world.Wire.FromHubAsync("ack", 1);
        world.Wire.LetsDown = null;
        if (isAnotherSession)
        {
            world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
            world.Wire.Cut();
            await world.States.UntilAsync(ClientState.Reconnecting);
            // Past the time for which the hub keeps a session.
            world.Time.Advance(TimeSpan.FromMinutes(10));
            await world.ReturnNowAsync();
        }
        else
        {
            await world.LoseAsync();
        }

        Assert.Equal(1, (await receipt.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.True(receipt.Repeated);
        Assert.Equal(isAnotherSession, clientId != world.Client.ClientId);
        await room.PublishAsync(new Say("next"));
        Assert.Equal("next", (await other.NextAsync<Say>()).Text);
        JsonElement[] sent = [.. world.Wire.FromClient.Where(static message => HubWorld.Is(message, "message"))];
        Assert.Equal(sent[0].GetRawText(), sent[1].GetRawText());
        Assert.Single(world.Wire.Handshakes.SelectMany(static handshake => handshake.Subprotocols.Skip(1)).Distinct());
    }

    [Fact]
    public async Task Scenarios_38_and_39_what_was_sent_longer_ago_than_the_hub_remembers_is_uncertain_and_the_rest_is_sent()
    {
        await using HubWorld world = await HubWorld.StartAsync(hub: static hub => hub.IdempotencyAge = TimeSpan.FromMinutes(30));
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "message");
        var undelivered = new TaskCompletionSource<UndeliveredPublication>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Client.Undelivered += (_, publication) => undelivered.TrySetResult(publication);
        SendReceipt sent = await room.PublishAsync(new Say("sent, perhaps"));
        Assert.Equal(ReceiptState.Sent, sent.State);
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        world.Wire.Cut();
        await world.States.UntilAsync(ClientState.Reconnecting);
        SendReceipt never = await room.PublishAsync(new Say("never sent"));
        world.Time.Advance(TimeSpan.FromHours(2));
        world.Wire.LetsUp = null;
        await world.ReturnNowAsync();
        await Assert.ThrowsAsync<UncertainDeliveryException>(() => sent.Acked.WaitAsync(Patience.Long));
        Assert.Equal(ReceiptState.Uncertain, sent.State);
        await never.Acked.WaitAsync(Patience.Long);
        Assert.Equal("never sent", (await other.NextAsync<Say>()).Text);
        UndeliveredPublication told = await undelivered.Task.WaitAsync(Patience.Long);
        Assert.Equal((sent.Id, "tea", ReceiptState.Uncertain), (told.Id, told.Room, told.State));
    }

    [Fact]
    public async Task Scenario_40_what_is_refused_is_refused_and_the_next_is_sent()
    {
        await using HubWorld world = await HubWorld.StartAsync(static hub =>
            hub.MapRoom("{room}")
                .OnMessage<Say>(static message => message.Content.Text == "bad" ? message.Refuse("No swearing") : message.Accept())
        );
        HubClientRoom room = world.Client.Room("tea");
        SendReceipt bad = await room.PublishAsync(new Say("bad"));
        SendReceipt good = await room.PublishAsync(new Say("good"));
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => bad.Acked.WaitAsync(Patience.Long));
        Assert.Equal(("forbidden", "No swearing"), (refused.Code, refused.Message));
        Assert.Equal(ReceiptState.Refused, bad.State);
        Assert.Equal(1, (await good.Acked.WaitAsync(Patience.Long)).Offset);
    }

    [Theory]
    [InlineData("""{"type":"error","code":"rate-limited","message":"Rate limit exceeded","retryAfterMs":700,"id":"ID"}""", 700)]
    [InlineData("""{"type":"error","code":"unavailable","message":"Temporarily unavailable","id":"ID"}""", 1_000)]
    public async Task Scenario_41_what_is_refused_for_now_is_sent_again_before_anything_later(string error, int milliseconds)
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Wire.LetsUp = message =>
        {
            if (!HubWorld.Is(message, "message"))
            {
                return true;
            }

            world.Wire.LetsUp = null;
            world.Wire.SendDown(error.Replace("ID", message.GetProperty("id").GetString(), StringComparison.Ordinal));
            refused.SetResult();
            return false;
        };
        SendReceipt first = await room.PublishAsync(new Say("first"));
        await refused.Task.WaitAsync(Patience.Long);
        // Behind the error, so that the client has read it.
        await room.PresenceAsync().WaitAsync(Patience.Long);
        SendReceipt second = await room.PublishAsync(new Say("second"));
        world.Time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        await room.PresenceAsync().WaitAsync(Patience.Long);
        Assert.Single(world.Wire.FromClient, static message => HubWorld.Is(message, "message"));
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await first.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.Equal(2, (await second.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.Equal("first", (await other.NextAsync<Say>()).Text);
        Assert.Equal("second", (await other.NextAsync<Say>()).Text);
    }

    [Fact]
    public async Task Scenario_42_a_thousand_publications_are_applied_once_and_in_order_at_the_rate_of_the_hub()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        List<SendReceipt> receipts = [];
        for (int number = 0; number < 1_000; number++)
        {
            receipts.Add(await room.PublishAsync(new Edit(number)));
        }

        await world.States.UntilAsync(ClientState.Reconnecting);
        await world.ReturnNowAsync();
        Task<RoomPosition[]> all = Task.WhenAll(receipts.Select(static receipt => receipt.Acked));
        while (!all.IsCompleted)
        {
            // The hub's rate is by this clock: it has to run, and the two have to get their turns.
            world.Time.Advance(TimeSpan.FromMilliseconds(5));
            await room.PresenceOrRefusedAsync().WaitAsync(Patience.Long);
        }

        Assert.Equal(Enumerable.Range(1, 1_000).Select(static offset => (long)offset), (await all).Select(static at => at.Offset));
        Assert.All(receipts, static receipt => Assert.False(receipt.Repeated));
    }

    [Fact]
    public async Task Scenario_59_with_sixteen_under_way_those_behind_one_that_is_refused_for_now_are_held()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int refusals = 1;
        await using HubWorld world = await HubWorld.StartAsync(hub =>
            hub.MapRoom("{room}")
                .OnMessage<Edit>(
                    async ValueTask<HubDecision> (edit) =>
                    {
                        await begun.Task;
                        return edit.Content.Number == 3 && Interlocked.Decrement(ref refusals) >= 0
                            ? throw new HubUnavailableException("The database is away.")
                            : edit.Accept();
                    }
                )
        );
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        SendReceipt[] receipts = new SendReceipt[20];
        for (int number = 0; number < receipts.Length; number++)
        {
            receipts[number] = await room.PublishAsync(new Edit(number));
        }

        await world.Wire.FromClientAsync("edit", 16).WaitAsync(Patience.Long);
        begun.SetResult();
        Task<RoomPosition[]> all = Task.WhenAll(receipts.Select(static receipt => receipt.Acked));
        while (!all.IsCompleted)
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(100));
            await room.PresenceOrRefusedAsync().WaitAsync(Patience.Long);
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(static offset => (long)offset), (await all).Select(static at => at.Offset));
        for (int number = 0; number < receipts.Length; number++)
        {
            Assert.Equal(number, (await other.NextAsync<Edit>()).Number);
        }

        Assert.True(refusals < 1);
    }

    [Fact]
    public async Task Scenario_10_a_client_that_was_closed_can_be_started_again_with_its_outbox()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "message");
        SendReceipt receipt = await room.PublishAsync(new Say("kept"));
        await world.Client.CloseAsync().WaitAsync(Patience.Long);
        Assert.False(room.IsJoined);
        Assert.Equal(1, world.Client.WaitingPublications);
        world.Wire.LetsUp = null;
        // A waiting publication needs its room, which a goodbye has left: it is joined again.
        await world.Client.ConnectAsync().WaitAsync(Patience.Long);
        Assert.Equal(1, (await receipt.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.True(room.IsJoined);
    }

    [Fact]
    public async Task Scenario_43_what_waits_is_never_published_in_another_user_s_name()
    {
        string token = "ann";
        await using HubWorld world = await HubWorld.StartAsync(MapUsers, client => client.Token = _ => Task.FromResult(token), user: null);
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "message");
        SendReceipt sent = await room.PublishAsync(new Say("sent by ann"));
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        world.Wire.Cut();
        await world.States.UntilAsync(ClientState.Reconnecting);
        SendReceipt waiting = await room.PublishAsync(new Say("waits for ann"));
        // It was there when the client last knew who it was.
        token = "bob";
        world.Wire.LetsUp = null;
        await world.ReturnNowAsync();
        await Assert.ThrowsAsync<UncertainDeliveryException>(() => sent.Acked.WaitAsync(Patience.Long));
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => waiting.Acked.WaitAsync(Patience.Long));
        Assert.Equal("other-destination", refused.Code);
        SendReceipt own = await room.PublishAsync(new Say("by bob"));
        Assert.Equal(1, (await own.Acked.WaitAsync(Patience.Long)).Offset);
    }

    [Fact]
    public async Task Scenario_43_a_guest_that_comes_back_as_another_guest_sends_what_it_never_sent()
    {
        await using HubWorld world = await HubWorld.StartAsync(hub: static hub => hub.AllowGuests = true, user: null);
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "message");
        SendReceipt sent = await room.PublishAsync(new Say("sent"));
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        world.Wire.Cut();
        await world.States.UntilAsync(ClientState.Reconnecting);
        SendReceipt waiting = await room.PublishAsync(new Say("waits"));
        world.Time.Advance(TimeSpan.FromMinutes(10));
        world.Wire.LetsUp = null;
        await world.ReturnNowAsync();
        await Assert.ThrowsAsync<UncertainDeliveryException>(() => sent.Acked.WaitAsync(Patience.Long));
        await waiting.Acked.WaitAsync(Patience.Long);
        Assert.Equal("waits", (await other.NextAsync<Say>()).Text);
    }

    [Fact]
    public async Task Scenario_54_the_largest_message_is_given_up_when_a_connection_could_not_take_one()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "message");
        SendReceipt first = await room.PublishAsync(new Say("small"));
        SendReceipt large = await room.PublishAsync(new Say(new string('x', 10_000)));
        SendReceipt last = await room.PublishAsync(new Say("also small"));
        await world.Wire.FromClientAsync("message", 3);
        world.Wire.LetsUp = null;
        world.Wire.Close(1009, "Too big");
        await world.ReturnAsync();
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => large.Acked.WaitAsync(Patience.Long));
        Assert.Equal("too-large", refused.Code);
        Assert.Equal(1, (await first.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.Equal(2, (await last.Acked.WaitAsync(Patience.Long)).Offset);
    }

    [Fact]
    public async Task Scenario_18_what_waits_for_one_hub_never_reaches_another()
    {
        var address = new Uri("ws://first.test/hub");
        await using HubWorld world = await HubWorld.StartAsync(client: client => client.Address = _ => Task.FromResult(address));
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.Cut();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        SendReceipt waiting = await room.PublishAsync(new Say("for the first"));
        address = new Uri("ws://second.test/hub");
        world.Time.Advance(change.Delay);
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => waiting.Acked.WaitAsync(Patience.Long));
        Assert.Equal("other-destination", refused.Code);
        Assert.DoesNotContain(world.Wire.FromClient, static message => HubWorld.Is(message, "message"));
    }

    [Fact]
    public async Task Scenario_17_a_full_outbox_fails_the_call_or_lets_it_wait_in_its_turn()
    {
        await using HubWorld world = await HubWorld.StartAsync(client: static client => client.OutboxLimits.MaxMessages = 2);
        (HubClient failing, Wire failingWire) = world.Create(
            "bob",
            static client => client.OutboxLimits = new OutboxOptions { MaxMessages = 2, WhenFull = OutboxFullMode.Fail }
        );
        world.Wire.Refusal = failingWire.Refusal = new WebSocketHandshakeException("Offline.", null);
        HubClientRoom room = world.Client.Room("tea");
        for (int number = 0; number < 2; number++)
        {
            await failing.Room("tea").PublishAsync(new Edit(number));
            await room.PublishAsync(new Edit(number));
        }

        await Assert.ThrowsAsync<OutboxFullException>(() => failing.Room("tea").PublishAsync(new Edit(2)).AsTask());
        Task<SendReceipt> waiting = room.PublishAsync(new Edit(2)).AsTask();
        using var impatient = new CancellationTokenSource();
        Task<SendReceipt> never = room.PublishAsync(new Edit(-1), impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        Assert.False(waiting.IsCompleted);
        await world.States.UntilAsync(ClientState.Reconnecting);
        await world.ReturnNowAsync();
        SendReceipt receipt = await waiting.WaitAsync(Patience.Long);
        Assert.Equal(3, (await receipt.Acked.WaitAsync(Patience.Long)).Offset);
    }

    [Fact]
    public async Task Scenarios_15_and_16_passing_is_dropped_without_a_connection_and_nothing_is_taken_after_the_close()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        Assert.Equal(SendOutcome.Dropped, await room.SendAsync(new Typing(true)));
        await room.JoinAsync().WaitAsync(Patience.Long);
        Assert.Equal(SendOutcome.Sent, await room.SendAsync(new Typing(true)));
        Task closing = world.Client.CloseAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => room.PublishAsync(new Say("late")).AsTask());
        await closing.WaitAsync(Patience.Long);
        await world.States.UntilAsync(ClientState.Closed);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => room.PublishAsync(new Say("later")).AsTask());
        Assert.Equal(SendOutcome.Dropped, await room.SendAsync(new Typing(true)));
        Assert.Equal(0, world.Client.WaitingPublications);
    }

    [Fact]
    public void A_publication_is_never_dropped_by_choice() =>
        Assert.Throws<ArgumentException>(() =>
            new HubClient("ws://hub.test/", new HubClientOptions { OutboxLimits = new() { WhenFull = OutboxFullMode.DropOldest } })
        );

    internal static void MapUsers(LongwireHubEndpointBuilder hub)
    {
        HubWorld.MapRooms(hub);
        hub.OnAuthenticate(
            static (AuthenticateRequest auth) =>
                auth.Token!.Contains("bad") ? auth.Refuse("Invalid token") : auth.Accept(userId: auth.Token)
        );
    }
}
