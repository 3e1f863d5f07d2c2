namespace Longwire.Hubs.Client.Tests;

/// <summary>Maps, presence and markers over reconnects: the client's are the hub's.</summary>
public sealed class StateTests
{
    private static readonly JoinOptions _all = new() { Map = true, Presence = true };

    [Fact]
    public async Task Scenario_60_a_map_follows_the_hubs_over_reconnects()
    {
        await using HubWorld world = await StartAsync();
        IRoomMap<Card> cards = world.Host.Hub.Room("board").Map<Card>("card/");
        await cards.PutAsync("1", new Card("todo"));
        await cards.PutAsync("2", new Card("todo"));
        HubClientRoom room = world.Client.Room("board");
        HubClientMap<Card> map = room.Map<Card>("card/");
        await room.JoinAsync(_all).WaitAsync(Patience.Long);
        await UntilAsync(() => map.IsComplete);
        Assert.Equal([("1", "todo"), ("2", "todo")], Sorted(map));
        Assert.Equal(3, await map.PutAsync("3", new Card("new"), new MapChangeOptions { IfNew = true }).WaitAsync(Patience.Long));
        Assert.Equal(
            "conflict",
            (await Assert.ThrowsAsync<HubRefusedException>(() => map.PutAsync("3", new Card("x"), new() { IfNew = true }))).Code
        );
        world.Wire.Cut();
        await cards.UpdateAsync("1", static _ => new Card("done"));
        await cards.RemoveAsync("2");
        await world.ReturnAsync();
        await UntilAsync(() => map.Find("1")?.Value?.Column == "done" && map.Find("2") is null);
        Assert.Equal([("1", "done"), ("3", "new")], Sorted(map));
        await map.RemoveAsync("1").WaitAsync(Patience.Long);
        await UntilAsync(() => map.Find("1") is null);
        Assert.Null(await map.UpdateAsync("1", static card => card).WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Scenario_61_a_large_map_and_many_users_are_read_in_pages()
    {
        await using HubWorld world = await StartAsync(hub: static hub => (hub.MaxHistoryMessages, hub.MaxPresenceMembers) = (100, 2));
        IRoomMap<int> numbers = world.Host.Hub.Room("board").Map<int>();
        for (int number = 0; number < 950; number++)
        {
            await numbers.PutAsync($"key{number}", number);
        }

        for (int number = 0; number < 7; number++)
        {
            await world.OtherAsync("board");
        }

        HubClientRoom room = world.Client.Room("board");
        HubClientMap<int> map = room.Map<int>();
        await room.JoinAsync(_all).WaitAsync(Patience.Long);
        await UntilAsync(() => map.IsComplete && room.Users.Count == 8);
        Assert.Equal(Enumerable.Range(0, 950), map.Items.Values.Order());
    }

    [Fact]
    public async Task Scenario_62_two_clients_that_update_one_key_lose_nothing()
    {
        await using HubWorld world = await StartAsync();
        (HubClient second, Wire _) = world.Create("bob");
        HubClientMap<int>[] maps = [await JoinAsync(world.Client), await JoinAsync(second)];
        await maps[0].PutAsync("n", 0).WaitAsync(Patience.Long);
        await UntilAsync(() => maps[1].Find("n") is not null);
        await Task.WhenAll(
                maps.Select(static async map =>
                {
                    for (int done = 0; done < 20; done++)
                    {
                        Assert.NotNull(await map.UpdateAsync("n", static n => n + 1));
                    }
                })
            )
            .WaitAsync(Patience.Long);
        await UntilAsync(() => maps[0].Find("n")?.Value == 40);

        static async Task<HubClientMap<int>> JoinAsync(HubClient client)
        {
            await client.Room("board").JoinAsync(_all).WaitAsync(Patience.Long);
            return client.Room("board").Map<int>();
        }
    }

    [Fact]
    public async Task Scenario_63_users_come_go_and_say_something_over_reconnects()
    {
        await using HubWorld world = await StartAsync();
        HubClientRoom room = world.Client.Room("board");
        await room.JoinAsync(_all).WaitAsync(Patience.Long);
        (HubClient bob, Wire _) = world.Create("bob");
        await bob.Room("board").JoinAsync().WaitAsync(Patience.Long);
        await UntilAsync(() => room.Users.Count == 2, world);
        await bob.Room("board").UpdatePresenceAsync(new Away(true)).WaitAsync(Patience.Long);
        await UntilAsync(() => room.Users.Single(static user => user.UserId == "bob").Metadata.TryGetProperty("away", out _), world);
        world.Wire.Cut();
        await bob.Room("board").LeaveAsync().WaitAsync(Patience.Long);
        await world.OtherAsync("board");
        await world.ReturnAsync();
        await UntilAsync(() => room.Users.Select(static user => user.UserId).Order().SequenceEqual(["ann", "other-1"]), world);
    }

    [Fact]
    public async Task Scenario_64_unread_messages_are_counted_on_two_devices_and_after_a_reconnect()
    {
        await using HubWorld world = await StartAsync();
        HubTestClient other = await world.OtherAsync("board");
        (HubClient second, Wire _) = world.Create("ann");
        HubClientRoom[] rooms = [world.Client.Room("board"), second.Room("board")];
        foreach (HubClientRoom room in rooms)
        {
            await room.JoinAsync(_all).WaitAsync(Patience.Long);
        }

        await other.PublishAsync("board", new Edit(1));
        await other.PublishAsync("board", new Edit(2));
        await UntilAsync(() => Array.TrueForAll(rooms, static room => room.Unread.Unread == 2));
        await rooms[0].MarkReadAsync().WaitAsync(Patience.Long);
        await UntilAsync(() => Array.TrueForAll(rooms, static room => room.Unread == new RoomUnread(2, 0)));
        world.Wire.Cut();
        await other.PublishAsync("board", new Edit(3));
        await world.Host.Hub.Room("board").Map<int>().PutAsync("n", 1);
        await world.ReturnAsync();
        await UntilAsync(() => Array.TrueForAll(rooms, static room => room.Unread.Unread == 1));
        SendReceipt receipt = await rooms[1].PublishAsync(new Edit(4));
        await receipt.Acked.WaitAsync(Patience.Long);
        await UntilAsync(() => Array.TrueForAll(rooms, static room => room.Unread.Unread == 0));
    }

    [Fact]
    public async Task Scenario_65_ones_own_room_has_what_came_before_and_how_much_of_it_is_unread()
    {
        await using HubWorld world = await StartAsync();
        await world.Host.Hub.User("ann").NotifyAsync(new HubNotification("Tea", "is ready"));
        Assert.Equal("is ready", (await world.Client.Me.NextAsync<HubNotification>().AsTask().WaitAsync(Patience.Long)).Message);
        await UntilAsync(() => world.Client.Me.Unread.Unread == 1);
        await world.Client.Me.MarkReadAsync().WaitAsync(Patience.Long);
        Assert.Equal(new RoomUnread(1, 0), world.Client.Me.Unread);
    }

    [Fact]
    public async Task Scenario_66_a_change_whose_answer_is_lost_is_asked_for_again_and_made_once()
    {
        await using HubWorld world = await StartAsync();
        HubClientRoom room = world.Client.Room("board");
        await room.JoinAsync(_all).WaitAsync(Patience.Long);
        world.Wire.LetsDown = static message => !HubWorld.Is(message, "ack");
        Task<long> putting = room.Map<int>().PutAsync("n", 1, new MapChangeOptions { IfNew = true });
        await world.Wire.FromHubAsync("ack", 1);
        world.Wire.LetsDown = null;
        await world.LoseAsync();
        Assert.Equal(1, await putting.WaitAsync(Patience.Long));
        string[] ids =
        [
            .. world
                .Wire.FromClient.Where(static message => HubWorld.Is(message, "map-put"))
                .Select(static message => message.GetProperty("id").GetString()!),
        ];
        Assert.Equal([ids[0], ids[0]], ids);
        Assert.Equal(1, (await world.Host.Hub.Room("board").Map<int>().GetAsync("n"))?.Version);
    }

    [Fact]
    public async Task Scenario_66_a_change_fails_when_no_answer_comes_in_time_and_when_the_client_is_closed()
    {
        await using HubWorld world = await StartAsync();
        HubClientRoom room = world.Client.Room("board");
        await room.JoinAsync(_all).WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "map-put");
        Task<long> late = room.Map<int>().PutAsync("late", 1);
        await world.Wire.FromClientAsync("map-put", 1);
        world.Time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TimeoutException>(() => late.WaitAsync(Patience.Long));
        Task<long> closed = room.Map<int>().PutAsync("closed", 1);
        await world.Client.CloseAsync().WaitAsync(Patience.Long);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => closed.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Scenario_67_behind_a_reset_the_map_is_read_from_the_beginning()
    {
        await using HubWorld world = await StartAsync();
        IRoomMap<int> numbers = world.Host.Hub.Room("board").Map<int>();
        await numbers.PutAsync("kept", 1);
        await numbers.PutAsync("lost", 1);
        HubClientRoom room = world.Client.Room("board");
        HubClientMap<int> map = room.Map<int>();
        RoomJoined joined = await room.JoinAsync(_all).WaitAsync(Patience.Long);
        await UntilAsync(() => map.IsComplete && map.Items.Count == 2);
        // The hub's map goes on without the client hearing of it, as where the newest changes were lost.
        world.Wire.LetsDown = static message => !HubWorld.Is(message, "map-changed");
        await numbers.RemoveAsync("lost");
        await world.Wire.FromHubAsync("map-changed", 1);
        world.Wire.LetsDown = null;
        world.Wire.SendDown(
            $$"""{"type":"room-reset","room":"board","epoch":"{{joined.Position.Epoch}}","offset":3,"tag":"06c45d188009454f","recovered":false}"""
        );
        await UntilAsync(() => map.IsComplete && map.Items.Count == 1, world);
        Assert.Equal(["kept"], map.Items.Keys);
    }

    private static (string, string)[] Sorted(HubClientMap<Card> map) =>
        [.. map.Items.OrderBy(static card => card.Key, StringComparer.Ordinal).Select(static card => (card.Key, card.Value.Column))];

    private static async Task UntilAsync(Func<bool> condition, HubWorld? world = null)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        while (!condition())
        {
            // Differences wait a little, by the hub's clock.
            world?.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, patience.Token);
        }
    }

    private static Task<HubWorld> StartAsync(Action<LongwireHubOptions>? hub = null) =>
        HubWorld.StartAsync(
            static hub =>
                hub.MapRoom("board")
                    .WithHistory(1_000, TimeSpan.FromHours(1))
                    .WithPresence(static presence => presence.MayUpdate = true)
                    .WithMap(static map => map.MayPut(""))
                    .WithReadMarkers()
                    .OnMessage<Edit>(static edit => edit.Accept()),
            hub: hub
        );

    private sealed record Card(string Column);

    private sealed record Away(bool IsAway)
    {
        [System.Text.Json.Serialization.JsonPropertyName("away")]
        public bool Value => IsAway;
    }
}
