using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Every gap that can be recovered is, and the answer says so.</summary>
public abstract class RecoveryTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : RecoveryTests(null);

    public sealed class OnKestrel() : RecoveryTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : RecoveryTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : RecoveryTests(ServerTransport.IoUring);

    private static readonly TimeSpan _window = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(20, 0)]
    [InlineData(20, 20)]
    public async Task After_any_number_of_messages_seen_and_missed(int seen, int missed)
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement position = await ann.JoinAsync("general");
        for (int count = 0; count < seen; count++)
        {
            await hub.Hub.PublishAsync("general", "1"u8.ToArray());
            position = await ann.NextAsync("message");
        }

        await ann.LoseAsync();
        for (int count = 0; count < missed; count++)
        {
            await hub.Hub.PublishAsync("general", "2"u8.ToArray());
        }

        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        await ExpectRecoveredAsync(again, position, missed);
        await hub.Hub.PublishAsync("general", "3"u8.ToArray());
        Assert.Equal(seen + missed + 1, (await again.NextAsync("message")).Number("offset"));
    }

    [Fact]
    public async Task While_the_old_connection_still_lives()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement position = await ann.JoinAsync("general");
        await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        await ExpectRecoveredAsync(again, position, missed: 1);
    }

    [Fact]
    public async Task At_the_end_of_the_window_although_everybody_had_left()
    {
        await using TestHub hub = await StartAsync(historySize: 0);
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement position = await ann.JoinAsync("general");
        await ann.LoseAsync();
        await Eventually.TrueAsync(() => !hub.Hub.FindSession(ann.ClientId)!.IsConnected);
        hub.Time.Advance(_window - TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => hub.Hub.RoomCount == 0);
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        await ExpectRecoveredAsync(again, position, missed: 0);
    }

    [Fact]
    public async Task After_hours_in_which_nothing_was_said()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.JoinAsync("general");
        await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        JsonElement position = await ann.NextAsync("message");
        hub.Time.Advance(TimeSpan.FromHours(5));
        await ann.ExpectNothingAsync();
        await ann.LoseAsync();
        await hub.Hub.PublishAsync("general", "2"u8.ToArray());
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        await ExpectRecoveredAsync(again, position, missed: 1);
    }

    [Fact]
    public async Task A_tag_of_another_sequence_is_not_recovered_and_none_is_not_asked_for()
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.JoinAsync("general");
        await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        JsonElement position = await ann.NextAsync("message");
        string epoch = position.Text("epoch");
        Assert.True(await RecoversAsync($$"""{"epoch":"{{epoch}}","offset":1}"""));
        Assert.True(await RecoversAsync($$"""{"epoch":"{{epoch}}","offset":1,"tag":null}"""));
        Assert.True(await RecoversAsync($$"""{"epoch":"{{epoch}}","offset":1,"tag":"{{position.Text("tag")}}"}"""));
        Assert.False(await RecoversAsync($$"""{"epoch":"{{epoch}}","offset":1,"tag":"1"}"""));
        Assert.False(await RecoversAsync($$"""{"epoch":"{{epoch}}","offset":2,"tag":"{{position.Text("tag")}}"}"""));
        await ann.ExpectErrorAsync(
            $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{epoch}}}","offset":1,"tag":"no"}}""",
            "invalid-format"
        );

        async Task<bool> RecoversAsync(string recover) =>
            (await ann.AskAsync($$"""{"type":"join-room","room":"general","recover":{{recover}}}""", "joined-room"))
                .GetProperty("recovered")
                .GetBoolean();
    }

    [Theory]
    [InlineData("$me")]
    [InlineData("$all")]
    public async Task What_was_said_to_a_user_and_to_everyone(string room)
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement position = await ann.JoinAsync(room);
        await ann.LoseAsync();
        await Eventually.TrueAsync(() => !hub.Hub.FindSession(ann.ClientId)!.IsConnected);
        await NotifyAsync("one");
        await NotifyAsync("two");
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        JsonElement[] missed = await ExpectRecoveredAsync(again, position, missed: 2, room);
        Assert.Equal(["one", "two"], missed.Select(message => message.Text("title")));
        await NotifyAsync("three");
        JsonElement live = await again.NextAsync("notification");
        Assert.Equal(("three", 3), (live.Text("title"), live.Number("offset")));
        await again.ExpectNothingAsync();

        async Task NotifyAsync(string title)
        {
            var notification = new HubNotification(title, "");
            await (room == "$me" ? hub.Hub.NotifyUserAsync("ann", notification) : hub.Hub.NotifyAllAsync(notification));
        }
    }

    [Theory]
    [InlineData("""{"type":"join-room","room":"$user:bob"}""")]
    [InlineData("""{"type":"join-room","room":"$other"}""")]
    [InlineData("""{"type":"leave-room","room":"$me"}""")]
    [InlineData("""{"type":"presence","room":"$all"}""")]
    [InlineData("""{"type":"message","room":"$me","content":1}""")]
    [InlineData("""{"type":"message","room":"$all","content":1}""")]
    public async Task The_hubs_own_rooms_are_not_a_clients(string request)
    {
        await using TestHub hub = await StartAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.ExpectErrorAsync(request, "forbidden");
    }

    private static async Task<JsonElement[]> ExpectRecoveredAsync(
        TestClient client,
        JsonElement position,
        int missed,
        string room = "general"
    )
    {
        string recover =
            $$"""{"epoch":"{{position.Text("epoch")}}","offset":{{position.Number("offset")}},"tag":"{{position.Text("tag")}}"}""";
        JsonElement joined = await client.AskAsync($$"""{"type":"join-room","room":"{{room}}","recover":{{recover}}}""", "joined-room");
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        JsonElement[] messages = [.. joined.GetProperty("messages").EnumerateArray()];
        Assert.Equal(
            Enumerable.Range(1, missed).Select(number => position.Number("offset") + number),
            messages.Select(message => message.Number("offset"))
        );
        return messages;
    }

    private Task<TestHub> StartAsync(int historySize = 100) => StartHubAsync(options => options.Rooms.Default!.HistorySize = historySize);
}
