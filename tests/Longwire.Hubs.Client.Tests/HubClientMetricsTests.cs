namespace Longwire.Hubs.Client.Tests;

/// <summary>The figures of a hub's clients, on the meter of all clients that stay up.</summary>
public sealed class HubClientMetricsTests
{
    [Fact]
    public async Task Publications_that_wait_count_until_they_are_settled()
    {
        using var figures = new ClientFigures();
        await using HubWorld world = await HubWorld.StartAsync();
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        HubClientRoom room = world.Client.Room("tea");
        SendReceipt first = await room.PublishAsync(new Edit(1));
        SendReceipt second = await room.PublishAsync(new Edit(2));
        Assert.Equal(2, figures["outbox.messages"]);
        await world.States.UntilAsync(ClientState.Reconnecting);
        await world.ReturnNowAsync();
        await Task.WhenAll(first.Acked, second.Acked).WaitAsync(Patience.Long);
        Assert.Equal(0, figures["outbox.messages"]);
        await figures.UntilAsync("connections", 1);
        Assert.Equal(1, figures["attempts True"]);
    }

    [Fact]
    public async Task Publications_that_are_refused_or_uncertain_are_counted()
    {
        using var figures = new ClientFigures();
        await using HubWorld world = await HubWorld.StartAsync(
            static hub =>
                hub.MapRoom("{room}")
                    .OnMessage<Edit>(static edit => edit.Content.Number == 0 ? edit.Refuse("Not this one") : edit.Accept()),
            hub: static hub => hub.IdempotencyAge = TimeSpan.FromMinutes(30)
        );
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        SendReceipt refused = await room.PublishAsync(new Edit(0));
        await Assert.ThrowsAsync<HubRefusedException>(() => refused.Acked.WaitAsync(Patience.Long));
        await figures.UntilAsync("outbox.discarded Refused", 1);
        Assert.Equal(0, figures["outbox.messages"]);

        world.Wire.LetsUp = static message => !HubWorld.Is(message, "edit");
        SendReceipt uncertain = await room.PublishAsync(new Edit(1));
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        world.Wire.Cut();
        await world.States.UntilAsync(ClientState.Reconnecting);
        world.Time.Advance(TimeSpan.FromHours(2));
        await world.ReturnNowAsync();
        await Assert.ThrowsAsync<UncertainDeliveryException>(() => uncertain.Acked.WaitAsync(Patience.Long));
        await figures.UntilAsync("outbox.discarded Uncertain", 1);
        Assert.Equal(0, figures["outbox.messages"]);
    }

    [Fact]
    public async Task What_a_client_that_is_disposed_of_leaves_behind_waits_no_more()
    {
        using var figures = new ClientFigures();
        await using HubWorld world = await HubWorld.StartAsync();
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        await world.Client.Room("tea").PublishAsync(new Edit(1));
        Assert.Equal(1, figures["outbox.messages"]);
        await world.Client.DisposeAsync();
        Assert.Equal(0, figures["outbox.messages"]);
    }
}
