using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>
/// A joiner's state is never older than the messages behind it, and no message that the loader may have missed is left out.
/// </summary>
public sealed class StateTests
{
    private const string Join = """{"type":"join-room","room":"general","state":true,"id":"j"}""";

    [Fact]
    public async Task What_is_published_while_the_state_is_loaded_comes_behind_it()
    {
        var loading = new TaskCompletionSource();
        var loaded = new TaskCompletionSource();
        await using TestHub hub = await StartAsync(
            async (_, _, _, _) =>
            {
                loading.SetResult();
                await loaded.Task;
                return new RoomState("""{"count":1}"""u8.ToArray());
            }
        );
        await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.SendAsync(Join);
        await loading.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await hub.Hub.PublishAsync("general", "2"u8.ToArray());
        loaded.SetResult();
        JsonElement joined = await ann.NextAsync("joined-room");
        Assert.Equal(1, joined.Number("offset"));
        Assert.Equal(1, joined.GetProperty("state").Number("count"));
        Assert.False(joined.Has("stateVersion"));
        Assert.Equal(2, (await ann.NextAsync("message")).Number("offset"));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_the_state_has_in_its_version_is_not_delivered_held_or_live()
    {
        var loading = new TaskCompletionSource();
        var loaded = new TaskCompletionSource();
        await using TestHub hub = await StartAsync(
            async (_, _, _, _) =>
            {
                loading.SetResult();
                await loaded.Task;
                return new RoomState("5"u8.ToArray()) { Version = 5, Key = "order" };
            }
        );
        TestClient writer = await hub.JoinAsAsync("writer", "general");
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.SendAsync(Join);
        await loading.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await PublishAsync(writer, "order", 4);
        await PublishAsync(writer, "other", 1);
        loaded.SetResult();
        JsonElement joined = await ann.NextAsync("joined-room");
        Assert.Equal((5, 5), (joined.GetProperty("state").GetInt32(), joined.Number("stateVersion")));
        Assert.Equal("other", (await ann.NextAsync("message")).Text("key"));
        await PublishAsync(writer, "order", 5);
        await PublishAsync(writer, "order", 6);
        Assert.Equal(6, (await ann.NextAsync("message")).Number("version"));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_state_with_a_position_of_its_own_is_followed_by_everything_since()
    {
        RoomPosition first = default;
        await using TestHub hub = await StartAsync(
            (_, _, _, _) => ValueTask.FromResult(new RoomState("1"u8.ToArray()) { Position = first })
        );
        first = await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        await hub.Hub.PublishAsync("general", "2"u8.ToArray());
        TestClient ann = await hub.ConnectAsAsync("ann");
        JsonElement joined = await ann.AskAsync(Join, "joined-room");
        Assert.Equal(2, joined.GetProperty("messages")[0].Number("offset"));
        Assert.Equal(2, joined.Number("offset"));
    }

    [Fact]
    public async Task A_state_with_a_position_and_a_version_is_followed_by_what_is_newer_than_both()
    {
        RoomPosition first = default;
        await using TestHub hub = await StartAsync(
            (_, _, _, _) =>
                ValueTask.FromResult(
                    new RoomState("2"u8.ToArray())
                    {
                        Position = first,
                        Version = 2,
                        Key = "order",
                    }
                )
        );
        first = await hub.Hub.PublishAsync("general", "0"u8.ToArray());
        TestClient writer = await hub.JoinAsAsync("writer", "general");
        await PublishAsync(writer, "order", 2);
        await PublishAsync(writer, "other", 1);
        await PublishAsync(writer, "order", 3);
        JsonElement joined = await (await hub.ConnectAsAsync("ann")).AskAsync(Join, "joined-room");
        Assert.Equal(["other", "order"], joined.GetProperty("messages").EnumerateArray().Select(static message => message.Text("key")));
        Assert.Equal(4, joined.Number("offset"));
    }

    [Fact]
    public async Task A_state_older_than_the_history_is_loaded_again_and_then_refused()
    {
        int loads = 0;
        await using TestHub hub = await StartAsync(
            (_, _, before, _) =>
                ValueTask.FromResult(
                    new RoomState("1"u8.ToArray()) { Position = ++loads < 3 ? before with { Offset = 0, Tag = 0 } : before }
                )
        );
        for (int number = 0; number < 20; number++)
        {
            await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        }

        TestClient ann = await hub.ConnectAsAsync("ann");
        Assert.Equal(20, (await ann.AskAsync(Join, "joined-room")).Number("offset"));
        Assert.Equal(3, loads);
    }

    [Fact]
    public async Task A_loader_that_takes_too_long_or_fails_lets_nobody_in_and_the_next_may_try_again()
    {
        Func<ValueTask<RoomState>> load = static async () =>
        {
            await Task.Delay(Timeout.Infinite);
            throw new InvalidOperationException();
        };
        await using TestHub hub = await StartAsync((_, _, _, _) => load());
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.SendAsync(Join);
        Task<JsonElement> answer = ann.NextAsync("error");
        await Eventually.TrueAsync(() =>
        {
            hub.Time.Advance(TimeSpan.FromSeconds(1));
            return answer.IsCompleted;
        });
        Assert.Equal(("unavailable", "j"), ((await answer).Text("code"), (await answer).Text("id")));
        Assert.Empty(hub.Hub.FindSession(ann.ClientId)!.Rooms);
        load = static () => throw new InvalidOperationException("a secret of the application");
        Assert.Equal("Internal error", (await ann.ExpectErrorAsync(Join, "internal")).Text("message"));
        load = static () => ValueTask.FromResult(new RoomState("1"u8.ToArray()));
        await ann.AskAsync(Join, "joined-room");
        await ann.ExpectErrorAsync(Join.Replace("true", "1"), "invalid-format");
    }

    private static Task<TestHub> StartAsync(Func<HubSession, string, RoomPosition, CancellationToken, ValueTask<RoomState>> load) =>
        TestHub.StartAsync(options =>
        {
            options.Rooms.Default!.HistorySize = 10;
            options.Rooms.Default.LoadState = load;
        });

    private static async Task PublishAsync(TestClient writer, string key, int version)
    {
        await writer.SendAsync($$"""{"type":"message","room":"general","content":0,"key":"{{key}}","version":{{version}}}""");
        await writer.UntilAsync("message");
    }
}
