using System.Collections.Concurrent;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

public sealed class RoomGroupTests
{
    [Fact]
    public async Task A_policy_holds_for_all_rooms_of_a_group_and_no_other()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(
            hub =>
            {
                RoomGroupBuilder group = hub.MapRoomGroup("tenant:{tenant}:");
                group.MapRoom("before");
                group.RequireAuthorization();
                group.MapRoom("after");
                hub.MapRoom("open");
            },
            services => services.AddAuthorization(),
            options => options.AllowGuests = true
        );
        HubTestClient guest = await host.ConnectAsync();
        await Assert.ThrowsAsync<HubRefusedException>(() => guest.JoinAsync("tenant:a:before"));
        await Assert.ThrowsAsync<HubRefusedException>(() => guest.JoinAsync("tenant:a:after"));
        await guest.JoinAsync("open");
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("tenant:a:before");
        await ann.JoinAsync("tenant:a:after");
    }

    [Fact]
    public async Task Filters_stand_around_joins_and_all_messages_and_may_refuse()
    {
        var log = new ConcurrentQueue<string>();
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
        {
            RoomGroupBuilder group = hub.MapRoomGroup("g:")
                .AddFilter(
                    async (invocation, next) =>
                    {
                        log.Enqueue($"before {invocation.MessageType ?? "join"} {invocation.Room.Name}");
                        HubDecision decision = await next();
                        log.Enqueue($"after {decision.IsAccepted}");
                        return decision;
                    }
                )
                .AddFilter(
                    (invocation, next) =>
                        invocation.UserId == "eve" && invocation.MessageType is not null ? new(invocation.Refuse("Not you")) : next()
                );
            group.MapRoom("plain");
            group
                .MapRoom("typed")
                .OnMessage<Say>(message => message.Accept())
                .Relay<Typing>()
                .On<Search, SearchResult>(async (request, search) => new SearchResult([search.Text]));
        });
        HubTestClient eve = await host.ConnectAsync("eve");
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("g:typed");
        await ann.PublishAsync("g:typed", new Say("hi"));
        Assert.Equal(["before join g:typed", "after True", "before message g:typed", "after True"], log);
        await eve.JoinAsync("g:plain");
        await eve.JoinAsync("g:typed");
        Func<Task>[] refused =
        [
            () => eve.PublishAsync("g:plain", new Say("hi")),
            () => eve.PublishAsync("g:typed", new Say("hi")),
            () => eve.PublishAsync("g:typed", new Typing(true)),
            () => eve.AskAsync<SearchResult>("g:typed", new Search("x")),
        ];
        foreach (Func<Task> call in refused)
        {
            Assert.Equal("Not you", (await Assert.ThrowsAsync<HubRefusedException>(call)).Message);
        }

        await ann.FlushAsync();
        Assert.DoesNotContain(ann.Received, m => m.UserId == "eve");
    }
}
