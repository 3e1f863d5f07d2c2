namespace Longwire.Hubs.Specification;

/// <summary>The members of a room, on all nodes.</summary>
internal static class PresenceTests
{
    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["Members are counted on all nodes, and every subscribed node is told in order"] = CountedAsync,
            ["The first and the last member of a user are told as such"] = UsersAsync,
            ["Members that have not left go with their node's subscription"] = UnsubscribedAsync,
            ["A member that comes back on another node has moved, and nobody is told"] = MovedAsync,
            ["The members of a node whose lease has run out are removed once, and it learns of it"] = LeaseAsync,
        };

    private static async Task CountedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        Check.Equal(2, await one.Presence.AddAsync("room", [Check.Member("a"), Check.Member("b")], Check.None), "The members after two");
        Check.Equal(3, await two.Presence.AddAsync("room", [Check.Member("c")], Check.None), "The members after three");
        Check.Equal(3, await two.Presence.AddAsync("room", [Check.Member("c")], Check.None), "The members after the third came twice");
        Check.Equal(
            2,
            await one.Presence.RemoveAsync("room", [Check.Member("a"), Check.Member("nobody")], Check.None),
            "The members after one has left"
        );
        foreach (RecordingNode node in (RecordingNode[])[one, two])
        {
            await node.ExpectAsync(node => node.Changes("room"), "+a=1! +b=2! +c=3! -a=2!");
            IReadOnlyList<RoomMember> members = await node.Presence.ReadAsync("room", 10, Check.None);
            Check.Equal("b c", string.Join(' ', members.Select(static member => member.ClientId).Order()), "The members");
            Check.Equal(1, (await node.Presence.ReadAsync("room", 1, Check.None)).Count, "How many of one are read");
        }
    }

    private static async Task UsersAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await one.Presence.AddAsync("room", [Check.Member("a", "ann")], Check.None);
        await two.Presence.AddAsync("room", [Check.Member("b", "ann")], Check.None);
        await one.Presence.RemoveAsync("room", [Check.Member("a", "ann")], Check.None);
        await two.Presence.RemoveAsync("room", [Check.Member("b", "ann")], Check.None);
        await two.ExpectAsync(node => node.Changes("room"), "+a=1! +b=2 -a=1 -b=0!");
    }

    private static async Task UnsubscribedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await one.Presence.AddAsync("room", [Check.Member("a")], Check.None);
        await two.Presence.AddAsync("room", [Check.Member("b")], Check.None);
        await one.Publications.UnsubscribeAsync("room", Check.None);
        await one.Publications.UnsubscribeAsync("room", Check.None);
        await two.ExpectAsync(node => node.Changes("room"), "+a=1! +b=2! -a=1!");
    }

    private static async Task MovedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await one.Presence.AddAsync("room", [Check.Member("a")], Check.None);
        Check.Equal(1, await two.Presence.AddAsync("room", [Check.Member("a")], Check.None), "The members after it has moved");
        Check.Equal(
            1,
            await one.Presence.RemoveAsync("room", [Check.Member("a")], Check.None),
            "The members after its former node has removed it"
        );
        await one.Presence.AddAsync("room", [Check.Member("b")], Check.None);
        await two.ExpectAsync(node => node.Changes("room"), "+a=1! +b=2!");
    }

    private static async Task LeaseAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await using RecordingNode three = await Check.StartAsync(world, "three");
        RecordingNode[] living = [one, three];
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await two.Presence.AddAsync("room", [Check.Member("a")], Check.None);
        for (int heartbeat = 0; heartbeat < 5; heartbeat++)
        {
            await world.PassAsync(TimeSpan.FromSeconds(3));
            foreach (RecordingNode node in living)
            {
                Check.Equal(true, await node.Presence.RenewLeaseAsync(TimeSpan.FromSeconds(10), Check.None), "That a living node lives");
            }
        }

        await one.ExpectAsync(node => node.Changes("room"), "+a=1! -a=0!");
        Check.Equal(false, await two.Presence.RenewLeaseAsync(TimeSpan.FromSeconds(10), Check.None), "That a node lives that was silent");
        Check.Equal(1, await two.Presence.AddAsync("room", [Check.Member("a")], Check.None), "The members when it is back");
    }
}
