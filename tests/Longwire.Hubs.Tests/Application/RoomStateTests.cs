using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

public sealed class RoomStateTests
{
    [Fact]
    public async Task A_joiner_is_shown_the_state_and_nothing_older_behind_it()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(
            hub =>
            {
                hub.MapRoom("order:{id:int}")
                    .ReadOnly()
                    .WithHistory(100, TimeSpan.FromMinutes(10))
                    .WithState(
                        async (int id, Orders orders, CancellationToken ct) =>
                        {
                            Order order = await orders.GetAsync(id, ct);
                            return RoomState.From(order, version: order.Version);
                        }
                    );
                hub.MapRoom("plain").WithState((join, before, ct) => new(RoomState.From(join.UserId)));
            },
            services => services.AddSingleton<Orders>()
        );
        Orders orders = host.Services.GetRequiredService<Orders>();
        HubTestClient ann = await host.ConnectAsync("ann");
        ann.Send("""{"type":"join-room","room":"order:7","state":true}"""u8);
        await host.Hub.Room("order:7").PublishAsync(new OrderChanged("old"), new() { Version = 3 });
        await host.Hub.Room("order:7").PublishAsync(new OrderChanged("new"), new() { Version = 4 });
        orders.Loading.SetResult(new Order("packed", 3));
        ReceivedMessage joined = await ann.NextAsync("joined-room");
        Assert.Equal("packed", joined.Json.GetProperty("state").GetProperty("status").GetString());
        Assert.Equal(3, joined.Json.GetProperty("stateVersion").GetInt64());
        Assert.Equal("new", (await ann.NextAsync<OrderChanged>()).Status);
        ann.Send("""{"type":"join-room","room":"plain","state":true}"""u8);
        Assert.Equal("ann", (await ann.NextAsync("joined-room")).Json.GetProperty("state").GetString());
    }

    private sealed record Order(string Status, long Version);

    private sealed record OrderChanged(string Status);

    private sealed class Orders
    {
        public TaskCompletionSource<Order> Loading { get; } = new();

        public Task<Order> GetAsync(int id, CancellationToken cancellationToken) =>
            id == 7 ? Loading.Task.WaitAsync(cancellationToken) : throw new ArgumentOutOfRangeException(nameof(id));
    }
}
