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
