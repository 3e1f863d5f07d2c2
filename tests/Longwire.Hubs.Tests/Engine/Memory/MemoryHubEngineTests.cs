using System.Text.Json;

namespace Longwire.Hubs.Tests;

public sealed class MemoryHubEngineTests
{
    [Fact]
    public async Task A_room_that_everybody_has_left_keeps_its_place_for_an_hour_and_then_begins_a_new_epoch()
    {
        await using TestHub hub = await TestHub.StartAsync();
        TestClient client = await hub.JoinAsAsync("ann", "general");
        JsonElement first = await client.JoinAsync("general");
        await client.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        Assert.Equal(0, hub.Hub.RoomCount);
        hub.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(first.Text("epoch"), (await client.JoinAsync("general")).Text("epoch"));
        await client.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        hub.Time.Advance(TimeSpan.FromMinutes(61));
        await hub.Hub.PublishAsync("elsewhere", "1"u8.ToArray());
        Assert.NotEqual(first.Text("epoch"), (await client.JoinAsync("general")).Text("epoch"));
    }

    [Fact]
    public async Task History_takes_so_many_bytes_in_all_rooms_together_and_rooms_without_members_go_first()
    {
        var store = new MemoryHubStore(maxHistoryBytes: 100_000);
        var engine = new MemoryHubEngine(store);
        await using var hub = new Hub(
            new LongwireHubOptions { Rooms = { Default = new RoomOptions { HistorySize = 1_000 } } },
            engine: engine
        );
        await hub.StartAsync();
        await engine.Publications.SubscribeAsync("kept", CancellationToken.None);
        byte[] content = [.. "\""u8, .. new byte[1_000].Select(static _ => (byte)'x'), .. "\""u8];
        for (int room = 0; room < 200; room++)
        {
            await hub.PublishAsync(room < 10 ? "kept" : "left" + room, content);
            Assert.InRange(store.HistoryBytes, 1, 100_000);
        }

        Assert.Equal(10, (await ReadAsync("kept")).Publications.Count);
        Assert.Empty((await ReadAsync("left50")).Publications);
        Assert.Single((await ReadAsync("left199")).Publications);

        // Where all rooms have members, the one published in gives up its oldest.
        for (int count = 0; count < 200; count++)
        {
            await hub.PublishAsync("kept", content);
            Assert.InRange(store.HistoryBytes, 1, 100_000);
        }

        HistoryPage page = await ReadAsync("kept");
        Assert.InRange(page.Publications.Count, 50, 100);
        Assert.Equal(page.Position, page.Publications[^1].Position);

        ValueTask<HistoryPage> ReadAsync(string room) =>
            engine.Publications.ReadHistoryAsync(room, new HistoryQuery { Limit = 1_000 }, CancellationToken.None);
    }
}
