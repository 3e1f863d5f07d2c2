using System.Text.Json;

namespace Longwire.Hubs.Tests;

public sealed class MemoryHubEngineTests : HubEngineSpecification
{
    protected override IHubEngine CreateEngine(TimeProvider timeProvider) => new MemoryHubEngine(timeProvider);

    [Fact]
    public async Task A_room_without_history_is_forgotten_with_its_subscription_and_begins_a_new_epoch()
    {
        await using TestHub hub = await TestHub.StartAsync();
        JsonElement first = await (await hub.JoinAsAsync("ann", "a")).JoinAsync("general");
        TestClient client = await hub.JoinAsAsync("bob", "general");
        await client.ExpectNothingAsync();
        await hub.Hub.KickUserAsync("ann");
        await hub.Hub.KickUserAsync("bob");
        await client.ClosedAsync();
        await client.Server.Completion;
        TestClient again = await hub.ConnectAsAsync("eve");
        await Eventually.TrueAsync(() => hub.Hub.RoomCount == 0);

        Assert.NotEqual(first.Text("epoch"), (await again.JoinAsync("general")).Text("epoch"));
    }

    [Fact]
    public async Task History_takes_so_many_bytes_in_all_rooms_together_and_rooms_without_members_go_first()
    {
        var engine = new MemoryHubEngine(maxHistoryBytes: 100_000);
        await using var hub = new Hub(new HubOptions { Rooms = { Default = new RoomOptions { HistorySize = 1_000 } } }, engine: engine);
        await hub.StartAsync();
        await engine.SubscribeAsync("kept", CancellationToken.None);
        byte[] content = [.. "\""u8, .. new byte[1_000].Select(static _ => (byte)'x'), .. "\""u8];
        for (int room = 0; room < 200; room++)
        {
            await hub.PublishAsync(room < 10 ? "kept" : "left" + room, content);
            Assert.InRange(engine.HistoryBytes, 1, 100_000);
        }

        Assert.Equal(10, (await ReadAsync("kept")).Publications.Count);
        Assert.Empty((await ReadAsync("left50")).Publications);
        Assert.Single((await ReadAsync("left199")).Publications);

        // Where all rooms have members, the one published in gives up its oldest.
        for (int count = 0; count < 200; count++)
        {
            await hub.PublishAsync("kept", content);
            Assert.InRange(engine.HistoryBytes, 1, 100_000);
        }

        HistoryPage page = await ReadAsync("kept");
        Assert.InRange(page.Publications.Count, 50, 100);
        Assert.Equal(page.Position, page.Publications[^1].Position);

        ValueTask<HistoryPage> ReadAsync(string room) =>
            engine.ReadHistoryAsync(room, new HistoryQuery { Limit = 1_000 }, CancellationToken.None);
    }

    [Fact]
    public async Task An_engine_that_was_not_started_says_so()
    {
        await using var engine = new MemoryHubEngine();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await engine.SubscribeAsync("room", CancellationToken.None));
    }
}
