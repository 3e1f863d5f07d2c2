using System.Net;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>Clients that take as much as they can: what they get is bounded, and the others notice nothing.</summary>
[Collection(nameof(MemberMemoryTests.AloneInTheProcess))]
public sealed class HostileClientTests
{
    private const int Connections = 20;
    private const int LostSessions = 50;

    /// <summary>The budget that the guide on limits states: 4 KiB for each session that the limits let be.</summary>
    private const long BytesOfSession = 4 * 1024;

    [Fact]
    public async Task One_user_with_20_connections_reconnecting_without_end_has_a_bounded_number_of_sessions_and_bytes()
    {
        await using HubTestHost host = await StartAsync(static options =>
        {
            options.MaxConnectionsPerUser = Connections;
            options.MaxLostSessionsPerUser = LostSessions;
        });
        Hub hub = host.Services.GetRequiredService<Hub>();
        HubTestClient bob = await host.ConnectAsync("bob");
        await bob.JoinAsync("tea");
        await StormAsync(rounds: 10);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await StormAsync(rounds: 50);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, (Connections + LostSessions) * BytesOfSession);
        Assert.Equal(LostSessions + 1, hub.Sessions.Count());
        Assert.Equal(1, hub.ConnectionCount);
        Assert.Equal(2, hub.Sessions.Accounts.Count);

        async Task StormAsync(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                HubTestClient[] clients = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => host.ConnectAsync("mallory")));
                Assert.Equal((CloseStatus.PolicyViolation, "Too many connections"), await RefusedAsync(host.ConnectAsync("mallory")));
                foreach (HubTestClient client in clients)
                {
                    client.Send("""{"type":"join-room","room":"tea"}"""u8);
                    client.Cut();
                }

                await SayAsync(bob);
            }
        }
    }

    [Fact]
    public async Task A_thousand_guests_of_one_address_get_what_one_may_have_and_guests_elsewhere_what_they_ask_for()
    {
        const int allowed = 100;
        await using HubTestHost host = await StartAsync(static options =>
        {
            options.MaxConnectionsPerAddress = allowed;
            options.AddressRateLimit = new RateLimitOptions { MessagesPerSecond = 10, Burst = 300 };
        });
        Hub hub = host.Services.GetRequiredService<Hub>();
        HubTestClient elsewhere = await ConnectAsync(host, "192.0.2.1"),
            bob = await host.ConnectAsync("bob");
        await elsewhere.JoinAsync("tea");
        await bob.JoinAsync("tea");
        // The first network is there so that all is compiled, and in the tables, that the second is not to be charged with.
        (List<HubTestClient> early, _) = await StormAsync("2001:db7");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        (List<HubTestClient> guests, int refused) = await StormAsync("2001:db8");
        Assert.Equal((allowed, 1_000 - allowed), (guests.Count, refused));
        Assert.Equal(early.Count + allowed + 2, hub.Sessions.Count());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, allowed * BytesOfSession);

        // Together they say as much as one address may; the others are not held back.
        foreach (HubTestClient guest in guests)
        {
            for (int number = 0; number < 10; number++)
            {
                guest.Send("""{"type":"ping"}"""u8);
            }
        }

        int answered = guests.Sum(static guest => guest.Received.Count(static message => message.Type == "pong"));
        Assert.Equal(300, answered);
        await SayAsync(elsewhere);
        await SayAsync(bob);
        GC.KeepAlive((early, guests));

        // One network of IPv6 is one client's.
        async Task<(List<HubTestClient> Guests, int Refused)> StormAsync(string network)
        {
            List<HubTestClient> let = [];
            int refused = 0;
            for (int number = 0; number < 1_000; number++)
            {
                Task<HubTestClient> connecting = ConnectAsync(host, $"{network}::{number:x}");
                if (number < allowed)
                {
                    let.Add(await connecting);
                }
                else
                {
                    refused += (await RefusedAsync(connecting)).Reason == "Too many connections" ? 1 : 0;
                }
            }

            return (let, refused);
        }
    }

    private static Task<HubTestHost> StartAsync(Action<LongwireHubOptions> configure) =>
        HubTestHost.StartAsync(options: options =>
        {
            options.AllowGuests = true;
            options.Rooms.Default = new RoomOptions { AnnouncedMembers = 0 };
            configure(options);
        });

    private static Task<HubTestClient> ConnectAsync(HubTestHost host, string address) =>
        host.ConnectAsync(new HubHandshake { RemoteAddress = IPAddress.Parse(address) });

    private static async Task<(CloseStatus Status, string Reason)> RefusedAsync(Task connecting)
    {
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() => connecting);
        return (closed.Status, closed.Reason);
    }

    private static async Task SayAsync(HubTestClient client)
    {
        client.Send("""{"type":"message","room":"tea","content":"hello","id":"1"}"""u8);
        await client.NextAsync("ack");
    }
}
