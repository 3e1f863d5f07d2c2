using System.Text.Json;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Rooms over reconnects: in order, once, or told. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class RoomTests
{
    [Fact]
    public async Task Scenario_44_what_was_said_while_the_client_was_away_comes_in_order_and_once()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await using IAsyncEnumerator<RoomMessage<Edit>> edits = room.ReadAllAsync<Edit>().GetAsyncEnumerator();
        Task<bool> first = edits.MoveNextAsync().AsTask();
        await room.JoinAsync().WaitAsync(Patience.Long);
        await other.PublishAsync("tea", new Edit(1));
        Assert.True(await first.WaitAsync(Patience.Long));
        Assert.Equal((1, 1), (edits.Current.Content.Number, edits.Current.Position.Offset));
        Assert.Equal("other-1", edits.Current.Username);

        for (int round = 0; round < 3; round++)
        {
            world.Wire.Cut();
            for (int number = 0; number < 5; number++)
            {
                await other.PublishAsync("tea", new Edit(2 + (round * 6) + number));
            }

            await world.ReturnAsync();
            await other.PublishAsync("tea", new Edit(7 + (round * 6)));
        }

        for (int number = 2; number < 20; number++)
        {
            RoomMessage<Edit> edit = await HubWorld.NextAsync(edits);
            Assert.Equal(number, edit.Content.Number);
            Assert.False(edit.FollowsReset);
        }
    }

    [Fact]
    public async Task Scenario_45_the_first_message_is_recovered_when_the_connection_broke_before_any()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        await other.PublishAsync("tea", new Edit(0));
        HubClientRoom room = world.Client.Room("tea");
        Collector seen = Seen(room);
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.Cut();
        await other.PublishAsync("tea", new Edit(1));
        await world.ReturnAsync();
        Assert.Equal(1, await seen.NextAsync());
        Assert.Equal([1], seen.All);
    }

    [Fact]
    public async Task Scenario_46_a_join_that_was_not_answered_is_made_afresh()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        var heldBack = new TaskCompletionSource();
        world.Wire.LetsDown = message =>
        {
            bool isAnswer = HubWorld.Is(message, "joined-room");
            _ = isAnswer && heldBack.TrySetResult();
            return !isAnswer;
        };
        HubClientRoom room = world.Client.Room("tea");
        Task<RoomJoined> joining = room.JoinAsync();
        await heldBack.Task.WaitAsync(Patience.Long);
        await world.States.UntilAsync(ClientState.Open);
        Assert.False(joining.IsCompleted);
        world.Wire.LetsDown = null;
        await world.LoseAsync();
        Assert.Equal(1, (await joining.WaitAsync(Patience.Long)).Members);
        Assert.True(room.IsJoined);
    }

    [Fact]
    public async Task Scenario_47_a_client_away_for_longer_than_the_history_is_told_before_anything_else()
    {
        await using HubWorld world = await HubWorld.StartAsync(static hub =>
            hub.MapRoom("{room}").WithHistory(3, TimeSpan.FromHours(1)).OnMessage<Edit>(static edit => edit.Accept())
        );
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        Collector seen = Seen(room);
        List<string> order = [];
        room.Reset += (_, reset) => order.Add($"{reset.Cause} {reset.From.Offset} {reset.To.Offset}");
        room.On<Edit>((edit, _) => order.Add(edit.Number.ToString()));
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.Cut();
        for (int number = 1; number <= 9; number++)
        {
            await other.PublishAsync("tea", new Edit(number));
        }

        await world.ReturnAsync();
        await other.PublishAsync("tea", new Edit(10));
        await seen.UntilAsync(10);
        Assert.StartsWith("Recovery 0 ", order[0], StringComparison.Ordinal);
        Assert.Equal(order.Skip(1).Select(int.Parse).Order(), order.Skip(1).Select(int.Parse));
        Assert.Equal("10", order[^1]);
    }

    [Fact]
    public async Task Scenario_48_a_reset_of_the_servers_is_told_and_live_messages_follow()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        Collector seen = Seen(room);
        var resets = new TaskCompletionSource<RoomReset>(TaskCreationOptions.RunContinuationsAsynchronously);
        room.Reset += (_, reset) => resets.TrySetResult(reset);
        RoomJoined joined = await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.SendDown(
            $$"""{"type":"room-reset","room":"tea","epoch":"{{joined.Position.Epoch}}","offset":0,"tag":"06c45d188009454f","recovered":false}"""
        );
        await other.PublishAsync("tea", new Edit(1));
        Assert.Equal(1, await seen.NextAsync());
        RoomReset told = await resets.Task.WaitAsync(Patience.Long);
        Assert.Equal((RoomResetCause.Server, 0x06c45d188009454ful), (told.Cause, told.To.Tag));
    }

    [Fact]
    public async Task Scenario_49_a_repetition_is_dropped_and_a_gap_is_told()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        Collector seen = Seen(room);
        List<string> order = [];
        room.Reset += (_, reset) => order.Add(reset.Cause.ToString());
        room.On<Edit>((edit, _) => order.Add(edit.Number.ToString()));
        string epoch = (await room.JoinAsync().WaitAsync(Patience.Long)).Position.Epoch;
        foreach (int number in (int[])[1, 1, 2, 2, 1, 4])
        {
            world.Wire.SendDown(
                $$"""{"type":"edit","room":"tea","number":{{number}},"epoch":"{{epoch}}","offset":{{number}},"tag":"00"}"""
            );
        }

        await seen.UntilAsync(4);
        Assert.Equal(["1", "2", "Gap", "4"], order);
    }

    [Fact]
    public async Task Scenario_50_a_room_that_does_not_take_the_client_back_is_left_and_the_others_stay()
    {
        bool isOpen = true;
        await using HubWorld world = await HubWorld.StartAsync(hub =>
            hub.MapRoom("{room}").OnJoin(join => isOpen || join.Room.Name == "tea" ? join.Accept() : join.Refuse("This room is closed"))
        );
        HubClientRoom open = world.Client.Room("tea");
        HubClientRoom closed = world.Client.Room("coffee");
        var left = new TaskCompletionSource<RoomLeft>(TaskCreationOptions.RunContinuationsAsynchronously);
        closed.Left += (_, why) => left.TrySetResult(why);
        await using IAsyncEnumerator<RoomMessage<Edit>> reading = closed.ReadAllAsync<Edit>().GetAsyncEnumerator();
        Task<bool> next = reading.MoveNextAsync().AsTask();
        await Task.WhenAll(open.JoinAsync(), closed.JoinAsync()).WaitAsync(Patience.Long);
        isOpen = false;
        await world.LoseAsync();
        RoomLeft why = await left.Task.WaitAsync(Patience.Long);
        Assert.Equal(("forbidden", "This room is closed"), (why.Code, why.Reason));
        Assert.Equal("forbidden", (await Assert.ThrowsAsync<HubRefusedException>(() => next.WaitAsync(Patience.Long))).Code);
        Assert.False(closed.IsJoined);
        SendReceipt receipt = await open.PublishAsync(new Say("still here"));
        await receipt.Acked.WaitAsync(Patience.Long);
        await Assert.ThrowsAsync<HubRefusedException>(() => closed.JoinAsync().WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Scenario_50_a_join_that_is_refused_refuses_what_waits_for_the_room()
    {
        await using HubWorld world = await HubWorld.StartAsync(static hub =>
            hub.MapRoom("{room}").OnJoin(static join => join.Refuse("Closed"))
        );
        SendReceipt receipt = await world.Client.Room("tea").PublishAsync(new Say("hi"));
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => receipt.Acked.WaitAsync(Patience.Long));
        Assert.Equal(("forbidden", "Closed"), (refused.Code, refused.Message));
        Assert.DoesNotContain(world.Wire.FromClient, static message => HubWorld.Is(message, "message"));
    }

    [Fact]
    public async Task Scenario_51_the_order_on_each_connection_is_rooms_then_what_was_sent_then_what_waits_then_asks()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom tea = world.Client.Room("tea");
        HubClientRoom coffee = world.Client.Room("coffee");
        await tea.JoinAsync().WaitAsync(Patience.Long);
        await coffee.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsUp = static message => !HubWorld.Is(message, "edit");
        await tea.PublishAsync(new Edit(1));
        await coffee.PublishAsync(new Edit(2));
        await world.Wire.FromClientAsync("edit", 2);
        world.Wire.Cut();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        await tea.PublishAsync(new Edit(3));
        Task asking = tea.PresenceAsync();
        world.Wire.LetsUp = null;
        int before = world.Wire.FromClient.Length;
        world.Time.Advance(change.Delay);
        await asking.WaitAsync(Patience.Long);
        SendReceipt last = await coffee.PublishAsync(new Edit(4));
        await last.Acked.WaitAsync(Patience.Long);
        JsonElement[] sent = world.Wire.FromClient[before..];
        Assert.Equal(["join-room tea", "join-room coffee"], sent[..2].Select(Name));
        Assert.All(sent[..2], static join => Assert.True(join.TryGetProperty("recover", out _)));
        JsonElement[] edits = [.. sent.Where(static message => HubWorld.Is(message, "edit"))];
        Assert.Equal([1, 3], edits.Where(static edit => edit.GetProperty("room").GetString() == "tea").Select(Number));
        Assert.Equal([2, 4], edits.Where(static edit => edit.GetProperty("room").GetString() == "coffee").Select(Number));

        static string Name(JsonElement message) => $"{message.GetProperty("type")} {message.GetProperty("room")}";
        static int Number(JsonElement message) => message.GetProperty("number").GetInt32();
    }

    [Fact]
    public async Task A_reader_begins_with_the_history_and_goes_on_live_also_in_a_room_that_is_joined_already()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        for (int number = 1; number <= 5; number++)
        {
            await other.PublishAsync("tea", new Edit(number));
        }

        HubClientRoom room = world.Client.Room("tea");
        await using IAsyncEnumerator<RoomMessage<Edit>> first = room.ReadAllAsync<Edit>(new() { History = 2 }).GetAsyncEnumerator();
        Assert.Equal(4, (await HubWorld.NextAsync(first)).Content.Number);
        Assert.Equal(5, (await HubWorld.NextAsync(first)).Content.Number);
        await using IAsyncEnumerator<RoomMessage<Edit>> second = room.ReadAllAsync<Edit>(new() { History = 3 }).GetAsyncEnumerator();
        for (int number = 3; number <= 5; number++)
        {
            Assert.Equal(number, (await HubWorld.NextAsync(second)).Content.Number);
        }

        await other.PublishAsync("tea", new Edit(6));
        Assert.Equal(6, (await HubWorld.NextAsync(first)).Content.Number);
        Assert.Equal(6, (await HubWorld.NextAsync(second)).Content.Number);
        IReadOnlyList<RoomMessage<Edit>> history = await room.HistoryAsync<Edit>(new() { Since = 1, Limit = 2 });
        Assert.Equal([2, 3], history.Select(static edit => edit.Content.Number));
    }

    [Fact]
    public async Task A_reader_that_falls_behind_gets_all_later_and_nobody_waits_for_it()
    {
        await using HubWorld world = await HubWorld.StartAsync(client: static client => client.ReadQueueMessages = 10);
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await using IAsyncEnumerator<RoomMessage<Edit>> edits = room.ReadAllAsync<Edit>().GetAsyncEnumerator();
        Task<bool> first = edits.MoveNextAsync().AsTask();
        await room.JoinAsync().WaitAsync(Patience.Long);
        for (int number = 1; number <= 100; number++)
        {
            await other.PublishAsync("tea", new Edit(number));
        }

        // Answers still come.
        await room.PresenceAsync().WaitAsync(Patience.Long);
        Assert.True(await first.WaitAsync(Patience.Long));
        Assert.Equal(1, edits.Current.Content.Number);
        for (int number = 2; number <= 100; number++)
        {
            RoomMessage<Edit> edit = await HubWorld.NextAsync(edits);
            Assert.Equal(number, edit.Content.Number);
            Assert.False(edit.FollowsReset);
        }
    }

    [Fact]
    public async Task What_is_passing_reaches_the_others_and_presence_says_who_is_there()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        var typing = new TaskCompletionSource<(bool, string?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        room.On<Typing>((message, from) => typing.TrySetResult((message.On, from.Username)));
        var came = new TaskCompletionSource<RoomMembersChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        room.MembersChanged += (_, change) => came.TrySetResult(change);
        await room.JoinAsync().WaitAsync(Patience.Long);
        other.Send("tea", new Typing(true));
        Assert.Equal((true, "other-1"), await typing.Task.WaitAsync(Patience.Long));
        await room.SendAsync(new Typing(true));
        Assert.True((await other.NextAsync<Typing>()).On);
        IReadOnlyList<RoomPresence> present = await room.PresenceAsync().WaitAsync(Patience.Long);
        Assert.Equal(["ann", "other-1"], present.Select(static user => user.UserId).Order());
        await world.OtherAsync("tea");
        Assert.Equal(
            ("other-2", true, 3),
            await came.Task.WaitAsync(Patience.Long) is var change ? (change.UserId, change.Joined, change.Members) : default
        );
    }

    [Fact]
    public async Task A_room_that_was_left_is_not_joined_again()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        await using IAsyncEnumerator<RoomMessage<Edit>> edits = room.ReadAllAsync<Edit>().GetAsyncEnumerator();
        Task<bool> next = edits.MoveNextAsync().AsTask();
        await room.JoinAsync().WaitAsync(Patience.Long);
        await room.LeaveAsync().WaitAsync(Patience.Long);
        Assert.False(await next.WaitAsync(Patience.Long));
        int before = world.Wire.FromClient.Length;
        await world.LoseAsync();
        await world.Client.Room("coffee").JoinAsync().WaitAsync(Patience.Long);
        Assert.Equal("coffee", Assert.Single(world.Wire.FromClient[before..]).GetProperty("room").GetString());
    }

    [Fact]
    public async Task Notifications_are_kept_for_a_client_that_asks_for_them_late()
    {
        await using HubWorld world = await HubWorld.StartAsync();
        await world.Host.Hub.User("ann").NotifyAsync(new HubNotification("Tea", "Your tea is ready"));
        HubNotification notification = await world.Client.Me.NextAsync<HubNotification>().AsTask().WaitAsync(Patience.Long);
        Assert.Equal("Your tea is ready", notification.Message);
        world.Wire.Cut();
        await world.Host.Hub.User("ann").NotifyAsync(new HubNotification("Tea", "It gets cold"));
        await world.ReturnAsync();
        Assert.Equal("It gets cold", (await world.Client.Me.NextAsync<HubNotification>().AsTask().WaitAsync(Patience.Long)).Message);
    }

    private static Collector Seen(HubClientRoom room)
    {
        var seen = new Collector();
        room.On<Edit>((edit, _) => seen.Add(edit.Number));
        return seen;
    }
}
