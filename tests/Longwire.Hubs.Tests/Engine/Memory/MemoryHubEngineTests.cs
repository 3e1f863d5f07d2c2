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
    public async Task An_engine_that_was_not_started_says_so()
    {
        await using var engine = new MemoryHubEngine();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await engine.SubscribeAsync("room", CancellationToken.None));
    }
}
