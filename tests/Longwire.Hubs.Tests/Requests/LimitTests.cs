using System.Net;
using System.Text;
using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

/// <summary>Limits of bytes and joins, and those of a room.</summary>
public sealed class LimitTests
{
    private static readonly RateLimitOptions _onePerSecond = new() { MessagesPerSecond = 1, Burst = 2 };

    [Fact]
    public async Task A_user_has_one_rate_of_bytes_on_all_connections_and_others_have_their_own()
    {
        await using HubTestHost host = await StartAsync(options =>
            options.ByteRate = new ByteRateOptions { BytesPerSecond = 1_000, Burst = 2_000 }
        );
        HubTestClient ann = await host.ConnectAsync("ann"),
            ann2 = await host.ConnectAsync("ann"),
            bob = await host.ConnectAsync("bob");
        await SayAsync(ann, 1_500, "ack");
        // The one that exceeds the burst is let through.
        await SayAsync(ann2, 1_500, "ack");
        ReceivedMessage refused = await SayAsync(ann, 10, "error");
        Assert.Equal("rate-limited", refused.Json.Text("code"));
        TimeSpan wait = TimeSpan.FromMilliseconds(refused.Json.Number("retryAfterMs"));
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5));
        await SayAsync(bob, 1_500, "ack");
        host.Time.Advance(wait);
        await SayAsync(ann, 10, "ack");
    }

    [Fact]
    public async Task Guests_have_a_rate_of_bytes_each_and_one_of_their_address()
    {
        await using HubTestHost host = await StartAsync(options =>
        {
            options.ByteRate = new ByteRateOptions { BytesPerSecond = 1_000, Burst = 2_000 };
            options.AddressByteRate = new ByteRateOptions { BytesPerSecond = 1_000, Burst = 4_000 };
        });
        HubTestClient first = await GuestAsync(host, "10.0.0.1"),
            second = await GuestAsync(host, "10.0.0.1"),
            third = await GuestAsync(host, "10.0.0.1"),
            elsewhere = await GuestAsync(host, "10.0.0.2");
        await third.JoinAsync("tea");
        await SayAsync(first, 2_500, "ack");
        await SayAsync(first, 10, "error");
        await SayAsync(second, 2_500, "ack");
        await SayAsync(third, 10, "error");
        await SayAsync(elsewhere, 10, "ack");
    }

    [Fact]
    public async Task Reconnecting_pays_no_debt_of_bytes()
    {
        await using HubTestHost host = await StartAsync(options =>
            options.ByteRate = new ByteRateOptions { BytesPerSecond = 1_000, Burst = 2_000 }
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        await SayAsync(ann, 10_000, "ack");
        ann.Close();
        host.Time.Advance(TimeSpan.FromSeconds(5));
        ann = await host.ConnectAsync("ann");
        Send(ann, """{"type":"ping","id":"x"}""");
        Assert.Equal("rate-limited", (await ann.NextAsync("error")).Json.Text("code"));
    }

    [Fact]
    public async Task Joins_of_a_user_and_of_an_address_have_rates_of_their_own()
    {
        await using HubTestHost host = await StartAsync(options => options.JoinRate = options.AddressJoinRate = _onePerSecond);
        HubTestClient ann = await host.ConnectAsync("ann"),
            ann2 = await host.ConnectAsync("ann"),
            guest = await GuestAsync(host, "10.0.0.1"),
            neighbour = await GuestAsync(host, "10.0.0.1");
        foreach ((HubTestClient one, HubTestClient other) in ((HubTestClient, HubTestClient)[])[(ann, ann2), (guest, neighbour)])
        {
            await one.JoinAsync("a");
            await other.JoinAsync("a");
            Assert.Equal("rate-limited", (await Assert.ThrowsAsync<HubRefusedException>(() => one.JoinAsync("a"))).Code);
            // The client's other messages are not held back by that.
            await one.FlushAsync();
        }

        host.Time.Advance(TimeSpan.FromSeconds(1));
        await ann.JoinAsync("b");
        await guest.JoinAsync("b");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_has_rates_of_bytes_and_joins_beside_those_of_its_user_or_address(bool isUser)
    {
        await using HubTestHost host = await StartAsync(static options =>
        {
            options.SessionByteRate = new ByteRateOptions { BytesPerSecond = 1_000, Burst = 2_000 };
            options.SessionJoinRate = _onePerSecond;
        });
        HubTestClient greedy = await ConnectAsync(),
            modest = await ConnectAsync();
        await greedy.JoinAsync("a");
        await greedy.JoinAsync("tea");
        Assert.Equal("rate-limited", (await Assert.ThrowsAsync<HubRefusedException>(() => greedy.JoinAsync("a"))).Code);
        await modest.JoinAsync("a");
        await SayAsync(greedy, 2_500, "ack");
        Assert.Equal("rate-limited", (await SayAsync(greedy, 10, "error")).Json.Text("code"));
        await SayAsync(modest, 2_500, "ack");
        host.Time.Advance(TimeSpan.FromSeconds(2));
        await greedy.JoinAsync("a");
        await SayAsync(greedy, 10, "ack");

        Task<HubTestClient> ConnectAsync() => isUser ? host.ConnectAsync("ann") : GuestAsync(host, "10.0.0.1");
    }

    [Fact]
    public async Task A_room_has_a_rate_of_messages_for_all_its_members_and_other_rooms_are_not_held_back()
    {
        await using HubTestHost host = await StartAsync(options =>
            options.Rooms.Add(
                "busy",
                new RoomOptions
                {
                    MessageRate = _onePerSecond,
                    MapKeys = 10,
                    MayPut = static (_, _, _) => true,
                }
            )
        );
        HubTestClient ann = await host.ConnectAsync("ann"),
            bob = await host.ConnectAsync("bob");
        await ann.JoinAsync("busy");
        await bob.JoinAsync("busy");
        await bob.JoinAsync("tea");
        await SayAsync(ann, 1, "ack", "busy");
        await PutAsync(bob, "ack");
        ReceivedMessage refused = await SayAsync(ann, 1, "error", "busy");
        Assert.Equal(("rate-limited", 1_000), (refused.Json.Text("code"), refused.Json.Number("retryAfterMs")));
        await PutAsync(ann, "error");
        bob.Send([1, 4, .. "busy"u8, 0, 7], isBinary: true);
        Assert.Equal("rate-limited", (await bob.NextAsync("error")).Json.Text("code"));
        await SayAsync(bob, 1, "ack", "tea");
        // The application is not held back.
        await host.Hub.Room("busy").PublishAsync(new Said("news"));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await SayAsync(bob, 1, "ack", "busy");

        static async Task PutAsync(HubTestClient client, string answer)
        {
            Send(client, """{"type":"map-put","room":"busy","key":"k","value":1,"id":"p"}""");
            await client.NextAsync(answer);
        }
    }

    [Fact]
    public async Task A_room_has_a_rate_of_bytes_and_one_of_joins()
    {
        await using HubTestHost host = await StartAsync(options =>
            options.Rooms.Add(
                "busy",
                new RoomOptions
                {
                    ByteRate = new ByteRateOptions { BytesPerSecond = 100, Burst = 1_000 },
                    JoinRate = _onePerSecond,
                }
            )
        );
        HubTestClient first = await host.ConnectAsync("ann"),
            second = await host.ConnectAsync("bob"),
            third = await host.ConnectAsync("cal"),
            fourth = await host.ConnectAsync("dan");
        // The first of all makes the room.
        await first.JoinAsync("busy");
        await second.JoinAsync("busy");
        await third.JoinAsync("busy");
        Assert.Equal("rate-limited", (await Assert.ThrowsAsync<HubRefusedException>(() => fourth.JoinAsync("busy"))).Code);
        await fourth.JoinAsync("tea");
        await SayAsync(first, 2_000, "ack", "busy");
        await SayAsync(second, 1, "error", "busy");
        await SayAsync(fourth, 2_000, "ack");
        host.Time.Advance(TimeSpan.FromSeconds(15));
        await SayAsync(second, 1, "ack", "busy");
    }

    [Fact]
    public void Rates_that_make_no_sense_fail_at_the_start()
    {
        foreach (
            ByteRateOptions rate in (ByteRateOptions[])
                [new() { BytesPerSecond = 0 }, new() { Burst = 0 }, new() { BytesPerSecond = double.NaN }]
        )
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new Hub(new LongwireHubOptions { ByteRate = rate }));
            Assert.Throws<ArgumentOutOfRangeException>(() => new Hub(new LongwireHubOptions { AddressByteRate = rate }));
            Assert.Throws<ArgumentOutOfRangeException>(() => new Hub(new LongwireHubOptions { SessionByteRate = rate }));
            Assert.Throws<ArgumentOutOfRangeException>(() => new RoomOptionsTable().Add("a", new RoomOptions { ByteRate = rate }));
        }
    }

    private static Task<HubTestHost> StartAsync(Action<LongwireHubOptions> configure) =>
        HubTestHost.StartAsync(options: options =>
        {
            options.AllowGuests = true;
            options.Rooms.Default = new RoomOptions();
            configure(options);
        });

    private static Task<HubTestClient> GuestAsync(HubTestHost host, string address) =>
        host.ConnectAsync(new HubHandshake { RemoteAddress = IPAddress.Parse(address) });

    private static void Send(HubTestClient client, string json) => client.Send(Encoding.UTF8.GetBytes(json));

    /// <summary>Says something of so many bytes in a room that it joins first, if need be, and waits for the answer.</summary>
    private static async Task<ReceivedMessage> SayAsync(HubTestClient client, int bytes, string answer, string room = "tea")
    {
        if (room == "tea" && !client.Received.Any(static message => message.Type == "joined-room" && message.Room == "tea"))
        {
            await client.JoinAsync("tea");
        }

        Send(client, $$"""{"type":"message","room":"{{room}}","content":"{{new string('x', bytes)}}","id":"{{Guid.NewGuid()}}"}""");
        return await client.NextAsync(answer);
    }

    private sealed record Said(string Text);
}
