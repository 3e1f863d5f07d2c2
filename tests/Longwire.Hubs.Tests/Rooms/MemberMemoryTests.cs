using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>The memory of a member of a room beside its connection.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class MemberMemoryTests
{
    private const int Members = 5_000;
    private const int MostBytes = 720;

    [Fact]
    public async Task A_session_that_is_a_member_of_a_room_takes_less_than_720_bytes_of_the_heap()
    {
        await using TestHub hub = await TestHub.StartAsync();
        var connections = new List<SilentConnection>(2 * Members);
        Join(hub.Hub, connections, 0);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        Join(hub.Hub, connections, Members);

        double each = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Members;

        Assert.InRange(each, 100, MostBytes);
        GC.KeepAlive(connections);
    }

    private static void Join(Hub hub, List<SilentConnection> connections, int from)
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
    }

    [CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
    public sealed class AloneInTheProcess;
}
