using System.Text;

namespace Longwire.Hubs.Tests;

public abstract class RoomTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : RoomTests(null);

    public sealed class OnKestrel() : RoomTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : RoomTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : RoomTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_publication_is_framed_once_for_ten_thousand_members()
    {
        await using TestHub hub = await StartHubAsync();
        var connections = new SilentConnection[10_000];
        for (int index = 0; index < connections.Length; index++)
        {
            connections[index] = Join(hub.Hub, "general", "user" + index);
        }

        await hub.Hub.PublishAsync("general", "\"hello\""u8.ToArray());
        await Eventually.TrueAsync(() =>
            connections[0].LastBroadcast is { } last
            && last.Payload.Span.IndexOf("hello"u8) > 0
            && connections.All(connection => connection.LastBroadcast == last)
        );
        Assert.All(connections, connection => Assert.Same(connections[0].LastBroadcast, connection.LastBroadcast));

        // Beyond 1,000 members joins are not told, else these would be 50 million messages.
        Assert.True(connections.Sum(connection => connection.Sent) < (3 * connections.Length) + (1_000 * 1_000));
    }

    [Fact]
    public async Task Members_come_and_go_in_any_order_and_the_right_ones_are_served()
    {
        const int Seed = 42;
        var random = new Random(Seed);
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.Rooms.Default!.AnnouncedMembers = 0;
            options.ResumeWindow = TimeSpan.Zero;
        });
        var members = new List<SilentConnection>();
        for (int step = 0; step < 500; step++)
        {
            if (members.Count == 0 || random.Next(3) > 0)
            {
                members.Add(Join(hub.Hub, "general", "user" + step));
            }
            else
            {
                int index = random.Next(members.Count);
                hub.Hub.Release(members[index], CloseStatus.Abnormal);
                members.RemoveAt(index);
            }

            await hub.Hub.PublishAsync("general", "1"u8.ToArray());
            await Eventually.TrueAsync(() => members.TrueForAll(member => member.LastBroadcast == members[0].LastBroadcast));
            // One that has just joined may still be in that turn.
            await Eventually.TrueAsync(() => (hub.Hub.FindRoom("general")?.Members ?? 0) == members.Count);
        }
    }

    [Fact]
    public async Task Connections_that_end_inside_of_sends_leave_their_rooms_without_a_deadlock()
    {
        await using TestHub hub = await StartHubAsync(options => options.ResumeWindow = TimeSpan.Zero);
        using var bothDeliver = new Barrier(2);
        SilentConnection witness = Join(hub.Hub, "a", "witness");
        Send(witness, """{"type":"join-room","room":"b"}""");
        string[] rooms = ["a", "b"];
        SilentConnection[] failing = rooms
            .Select(room =>
            {
                SilentConnection connection = Join(hub.Hub, room, "in-" + room);
                foreach (string other in rooms)
                {
                    Send(connection, $$"""{"type":"join-room","room":"{{other}}"}""");
                }

                return connection;
            })
            .ToArray();
        await Task.WhenAll(
                rooms.Select(
                    (room, index) =>
                        Task.Run(async () =>
                        {
                            // Both threads are delivering, each under its own room's lock, when a member of both rooms goes.
                            failing[index].OnBroadcast = () =>
                            {
                                failing[index].OnBroadcast = null;
                                Assert.True(bothDeliver.SignalAndWait(TimeSpan.FromMinutes(1)));
                                hub.Hub.Release(failing[index], CloseStatus.Abnormal);
                            };
                            await hub.Hub.SendToRoomAsync(
                                room,
                                """{"type":"x"}"""u8.ToArray(),
                                exceptClientId: failing[1 - index].Session!.ClientId
                            );
                        })
                )
            )
            .WaitAsync(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(() => rooms.All(room => hub.Hub.FindRoom(room)!.Members == 1));
        Assert.NotNull(witness.LastBroadcast);
    }

    [Fact]
    public async Task A_connection_whose_sends_throw_costs_nobody_else_anything()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.AnnouncedConnections = 100;
            options.AllowGuests = true;
        });
        SilentConnection first = Join(hub.Hub, "general", "ann");
        SilentConnection failing = Join(hub.Hub, "general", "bob");
        SilentConnection last = Join(hub.Hub, "general", "eve");
        failing.Failure = new InvalidOperationException("a fault of ours");

        RoomPosition position = await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        Assert.Equal(1, position.Offset);
        Assert.NotNull(first.LastBroadcast);
        Assert.Same(first.LastBroadcast, last.LastBroadcast);
        Assert.Equal(CloseStatus.InternalError, failing.StartedClosing);

        // Events behind it, when somebody comes or goes, are not stopped by it either.
        await hub.Hub.SendToAllAsync("""{"type":"x"}"""u8.ToArray());
        Assert.Same(first.LastBroadcast, last.LastBroadcast);
        SilentConnection newcomer = Join(hub.Hub, "general", "joe");
        Assert.Equal(["general"], newcomer.Session!.Rooms);
        await hub.Hub.KickUserAsync("bob");
        Assert.Empty(hub.Hub.Sessions.Accounts.SessionsOf("bob"));
        Task stopping = hub.Hub.DrainAsync(new() { Timeout = TimeSpan.Zero });
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => newcomer.StartedClosing is not null);
        foreach (SilentConnection connection in (SilentConnection[])[first, failing, last, newcomer])
        {
            Assert.NotNull(connection.StartedClosing);
            hub.Hub.Release(connection, CloseStatus.GoingAway);
        }

        await stopping.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private static SilentConnection Join(Hub hub, string room, string user)
    {
        var connection = new SilentConnection();
        hub.Accept(connection, new HubHandshake { Identity = new HubIdentity(user) });
        Send(connection, $$"""{"type":"join-room","room":"{{room}}"}""");
        return connection;
    }

    private static void Send(SilentConnection connection, string message) =>
        connection.Session!.Receive(connection, MessageType.Text, Encoding.UTF8.GetBytes(message));
}
