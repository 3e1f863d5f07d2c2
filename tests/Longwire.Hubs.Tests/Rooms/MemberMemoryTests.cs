using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>The memory of a member of a room beside its connection.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class MemberMemoryTests
{
    private const int Members = 5_000;
    private const int Attempts = 7;
    private const int MostBytes = 760;

    [Fact]
    public async Task A_session_that_is_a_member_of_a_room_takes_less_than_760_bytes_of_the_heap()
    {
        await using TestHub hub = await TestHub.StartAsync();
        var connections = new List<SilentConnection>((Attempts + 1) * Members);
        await JoinAsync(hub.Hub, connections, 0);
        double each = 0;
        for (int attempt = 1; attempt <= Attempts && (each is < 100 or > MostBytes); attempt++)
        {
            // The process may still make or drop something for a test before: the attempt that it spoils is not the only one.
            long before = GC.GetTotalMemory(forceFullCollection: true);
            await JoinAsync(hub.Hub, connections, attempt * Members);
            each = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Members;
        }

        Assert.InRange(each, 100, MostBytes);
        GC.KeepAlive(connections);
    }

    private static async Task JoinAsync(Hub hub, List<SilentConnection> connections, int from)
    {
        for (int index = from; index < from + Members; index++)
        {
            var connection = new SilentConnection();
            hub.Accept(connection, new HubHandshake { Identity = new HubIdentity("user" + index) });
            connection.Session!.Receive(
                connection,
                MessageType.Text,
                Encoding.UTF8.GetBytes($$"""{"type":"join-room","room":"room{{index / 100}}"}""")
            );
            connections.Add(connection);
        }

        // Announcements that still wait take memory, too.
        await Eventually.TrueAsync(() => hub.Rooms.All.All(static room => room.Waiting == 0));
    }

    [CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
    public sealed class AloneInTheProcess;
}
