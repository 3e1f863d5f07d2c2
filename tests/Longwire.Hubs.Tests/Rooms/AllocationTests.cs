using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>A publication allocates once, however many members get it.</summary>
[Collection(nameof(MemberMemoryTests.AloneInTheProcess))]
public sealed class AllocationTests
{
    private const int Publications = 200;

    [Fact]
    public async Task A_delivery_allocates_nothing()
    {
        double few = await BytesOfPublicationAsync(members: 10);
        double many = await BytesOfPublicationAsync(members: 1_000);

        // The extra allocations for a thousand members are the few work items by which others have the thread in between.
        Assert.InRange((many - few) / 990, double.NegativeInfinity, 1);
    }

    [Fact]
    public async Task A_publication_allocates_less_than_3_KB() => Assert.InRange(await BytesOfPublicationAsync(members: 10), 0, 3_000);

    [Fact]
    public void Counting_for_the_limits_allocates_nothing()
    {
        var settings = new LongwireHubOptions
        {
            RateLimit = new RateLimitOptions { MessagesPerSecond = 1e6, Burst = 1_000 },
            JoinRate = new RateLimitOptions { MessagesPerSecond = 1e6, Burst = 1_000 },
            ByteRate = new ByteRateOptions { BytesPerSecond = 1e6, Burst = 50_000 },
            SessionRateLimit = new RateLimitOptions { MessagesPerSecond = 1e6, Burst = 2_000 },
            SessionByteRate = new ByteRateOptions { BytesPerSecond = 1e6, Burst = 100_000 },
            SessionJoinRate = new RateLimitOptions { MessagesPerSecond = 1e6, Burst = 2_000 },
        };
        var account = new Account(AccountKey.OfUser("ann"));
        var user = new SessionExtras();
        var guest = new SessionExtras { Guest = new Account(AccountKey.OfUser("guest")) };
        var address = new Account(AccountKey.OfAddress(System.Net.IPAddress.Loopback));
        TokenBucket ofUser = default,
            ofGuest = default;
        RoomRates room = RoomRates.Of(
            new RoomOptions
            {
                MessageRate = settings.RateLimit,
                ByteRate = settings.ByteRate,
                JoinRate = settings.JoinRate,
            }
        )!;
        int taken = 0;
        Count(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 1; number <= 5_000; number++)
        {
            Count(number);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        // Some were let through, and some were not.
        Assert.InRange(taken, 1_000, 24_000);

        void Count(int number)
        {
            var now = TimeSpan.FromTicks(number);
            taken += SessionRates.TryTake(ref ofUser, user, account, settings, 100, now, out _) ? 1 : 0;
            taken += SessionRates.TryTake(ref ofGuest, guest, address, settings, 100, now, out _) ? 1 : 0;
            taken += room.TryTake(100, now, out _) ? 1 : 0;
            taken += room.TryTakeJoin(now, out _) ? 1 : 0;
            taken += SessionRates.TryTakeJoin(user, account, settings, now, out _) ? 1 : 0;
        }
    }

    /// <summary>The least of some attempts: other threads of the process allocate too.</summary>
    private static async Task<double> BytesOfPublicationAsync(int members)
    {
        await using TestHub hub = await TestHub.StartAsync(options => options.Rooms.Default!.AnnouncedMembers = 0);
        SilentConnection[] connections = [.. Enumerable.Range(0, members).Select(index => Join(hub.Hub, "user" + index))];
        // Each gets connected and joined-room first.
        await Eventually.TrueAsync(() => connections.All(static connection => connection.Sent == 2));
        byte[] content = Encoding.UTF8.GetBytes($"\"{new string('x', 98)}\"");
        double least = double.PositiveInfinity;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            int expected = connections.Sum(static connection => connection.Sent) + (Publications * members);
            Func<bool> isTold = () => connections.Sum(static connection => connection.Sent) == expected;
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int count = 0; count < Publications; count++)
            {
                await hub.Hub.PublishAsync("general", content);
            }

            SpinWait.SpinUntil(isTold, TimeSpan.FromMinutes(1));
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Publications);
            Assert.True(isTold());
        }

        return least;
    }

    private static SilentConnection Join(Hub hub, string user)
    {
        var connection = new SilentConnection();
        hub.Accept(connection, new HubHandshake { Identity = new HubIdentity(user) });
        connection.Session!.Receive(connection, MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
        return connection;
    }
}
