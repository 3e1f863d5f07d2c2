namespace Longwire.Hub.Tests;

public sealed class RoomTests
{
    [Fact]
    public async Task A_publication_is_framed_once_for_ten_thousand_members()
    {
        await using var hub = await TestHub.StartAsync();
        var connections = new SilentConnection[10_000];
        for (int index = 0; index < connections.Length; index++)
        {
            connections[index] = Join(hub.Hub, "general", "user" + index);
        }

        await hub.Hub.PublishAsync("general", "\"hello\""u8.ToArray());
        Assert.NotNull(connections[0].LastBroadcast);
        Assert.All(connections, connection => Assert.Same(connections[0].LastBroadcast, connection.LastBroadcast));

        // Beyond 1,000 members joins are not told, else these would be 50 million messages.
        Assert.True(connections.Sum(connection => connection.Sent) < (3 * connections.Length) + (1_000 * 1_000));
    }

    [Fact]
    public async Task Members_come_and_go_in_any_order_and_the_right_ones_are_served()
    {
        const int Seed = 42;
        var random = new Random(Seed);
        await using var hub = await TestHub.StartAsync(options =>
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
            var broadcast = members.FirstOrDefault()?.LastBroadcast;
            Assert.True(members.TrueForAll(member => member.LastBroadcast == broadcast), $"seed {Seed}, step {step}");
            Assert.Equal(members.Count, hub.Hub.FindRoom("general")?.Members ?? 0);
        }
    }

    [Fact]
    public async Task A_connection_that_ends_inside_of_a_send_leaves_its_rooms_without_a_deadlock()
    {
        await using var hub = await TestHub.StartAsync(options => options.ResumeWindow = TimeSpan.Zero);
        var witness = Join(hub.Hub, "general", "witness");
        var failing = Join(hub.Hub, "general", "failing");
        Join(hub.Hub, "other", "third");
        failing.OnBroadcast = () =>
        {
            failing.OnBroadcast = null;
            hub.Hub.Release(failing, CloseStatus.Abnormal);
        };
        await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        await Eventually.TrueAsync(() => hub.Hub.FindRoom("general")!.Members == 1);

        Assert.Equal(HubCloseStatus.TooSlow, failing.StartedClosing);
        Assert.NotNull(witness.LastBroadcast);
    }

    private static SilentConnection Join(Hub hub, string room, string user)
    {
        var connection = new SilentConnection();
        hub.Accept(connection, new HubHandshake { Identity = new HubIdentity(user) });
        connection.Session!.Receive(connection, MessageType.Text, System.Text.Encoding.UTF8.GetBytes($$"""{"type":"join-room","room":"{{room}}"}"""));
        return connection;
    }
}
