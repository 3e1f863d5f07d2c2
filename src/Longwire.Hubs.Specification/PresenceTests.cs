using System.Text.Json;

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
            ["The differences since a version are read, as long as those who left are known"] = DifferencesAsync,
            ["The versions of a room in which nobody was meanwhile are greater than those before"] = EmptyAsync,
            ["Metadata is the user's until the last of its members leaves"] = MetadataAsync,
            ["A member that comes back on another node has moved, and nobody is told"] = MovedAsync,
            ["A member stays where its session is of a later generation"] = LateAsync,
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
            PresencePage page = await node.Presence.ReadAsync("room", 0, 10, Check.None);
            Check.Equal((2, 2), (page.Members, page.Users), "How many members and users there are");
            Check.Equal("b=1 c=1 a=0", Users(page), "The users");
            page = await node.Presence.ReadAsync("room", 0, 1, Check.None);
            Check.Equal(("b=1", true), (Users(page), page.HasMore), "The first of them");
            Check.Equal("c=1 a=0", Users(await node.Presence.ReadAsync("room", page.Entries[0].Version, 10, Check.None)), "The others");
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

    private static async Task EmptyAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        long version = 0;
        for (int round = 0; round < 3; round++)
        {
            await one.Publications.SubscribeAsync("room", Check.None);
            await one.Presence.AddAsync("room", [Check.Member("a"), Check.Member("b")], Check.None);
            PresencePage page = await one.Presence.ReadAsync("room", 0, 10, Check.None);
            Check.Equal(true, page.Entries[0].Version > version, "That the versions are greater than those before");
            version = page.Version;
            await one.Presence.RemoveAsync("room", [Check.Member("a")], Check.None);
            await one.Publications.UnsubscribeAsync("room", Check.None);
        }
    }

    private static async Task LateAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        // The second of a user, too.
        RoomMember[] members = [Check.Member("a", "ann"), Check.Member("b", "ann")];
        foreach (RoomMember member in members)
        {
            await one.Presence.AddAsync("room", [member], Check.None);
            RoomMember moved = member with { Generation = 2, Metadata = null };
            Check.Equal(2L, moved.Generation, "The generation of a member");
            await two.Presence.AddAsync("room", [moved], Check.None);
            await one.Presence.AddAsync("room", [member], Check.None);
            await one.Presence.RemoveAsync("room", [member], Check.None);
            // A session of before, on the same node.
            await two.Presence.RemoveAsync("room", [member], Check.None);
        }

        Check.Equal(
            2,
            (await one.Presence.ReadAsync("room", 0, 10, Check.None)).Members,
            "The members after the former node has tried both"
        );
        RoomMember[] those = [.. members.Select(static member => member with { Generation = 3 })];
        await two.Presence.RemoveAsync("room", those, Check.None);
        Check.Equal(0, (await one.Presence.ReadAsync("room", 0, 10, Check.None)).Members, "The members when both have left");
        await one.ExpectAsync(node => node.Changes("room"), "+a=1! +b=2 -a=1 -b=0!");
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

    private static async Task DifferencesAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.Publications.SubscribeAsync("room", Check.None);
        await one.Presence.AddAsync("room", [Check.Member("a"), Check.Member("b"), Check.Member("c")], Check.None);
        long version = (await one.Presence.ReadAsync("room", 0, 10, Check.None)).Version;
        await one.Presence.AddAsync("room", [Check.Member("b2", "b"), Check.Member("d")], Check.None);
        await one.Presence.RemoveAsync("room", [Check.Member("a"), Check.Member("d")], Check.None);
        PresencePage page = await one.Presence.ReadAsync("room", version, 10, Check.None);
        Check.Equal("b=2 a=0 d=0", Users(page), "The differences");
        Check.Equal((true, version + 4), (page.KnowsSince <= version, page.Version), "That all are known, and the version");
        await one.Presence.RemoveAsync("room", [Check.Member("b"), Check.Member("b2", "b"), Check.Member("c")], Check.None);
        await one.Publications.UnsubscribeAsync("room", Check.None);
        await world.PassAsync(TimeSpan.FromHours(5));
        await one.Publications.SubscribeAsync("room", Check.None);
        await one.Presence.AddAsync("room", [Check.Member("e")], Check.None);
        page = await one.Presence.ReadAsync("room", version, 10, Check.None);
        bool isTrue = page.KnowsSince > version || Users(page) == "a=0 d=0 b=0 c=0 e=1";
        Check.Equal(true, isTrue, "That those are told who have left, or that they are not known any more");
    }

    private static async Task MetadataAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await one.Presence.AddAsync("room", [Check.Member("a", "ann")], Check.None);
        await two.Presence.AddAsync("room", [Check.Member("b", "ann")], Check.None);
        await two.Presence.UpdateAsync("room", Check.Member("b", "ann") with { Metadata = Away() }, Check.None);
        await one.Presence.UpdateAsync("room", Check.Member("nobody", "ann") with { Metadata = null }, Check.None);
        await one.Presence.RemoveAsync("room", [Check.Member("a", "ann")], Check.None);
        await one.ExpectAsync(node => node.Changes("room"), "+a=1! +b=2 ~b=2 -a=1");
        PresenceEntry ann = (await one.Presence.ReadAsync("room", 0, 10, Check.None)).Entries[0];
        Check.Equal(("ann", 1, "\"away\""), (ann.UserId, ann.Connections, ann.Metadata?.GetRawText()), "The user");
        await two.Presence.RemoveAsync("room", [Check.Member("b", "ann")], Check.None);
        await one.Presence.AddAsync("room", [Check.Member("a", "ann")], Check.None);
        Check.Equal(null, (await one.Presence.ReadAsync("room", 0, 10, Check.None)).Entries[0].Metadata, "The metadata of one who is back");
    }

    private static JsonElement Away()
    {
        using var document = JsonDocument.Parse("\"away\"");
        return document.RootElement.Clone();
    }

    private static string Users(PresencePage page) =>
        string.Join(' ', page.Entries.Select(static user => $"{user.UserId}={user.Connections}"));

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
