using System.Globalization;

namespace Longwire.Hubs.Specification;

/// <summary>The memory of users.</summary>
internal static class UserTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["A marker moves forward on all nodes, never back, and not beyond the newest"] = ForwardAsync,
            ["Messages behind a marker are unread, and changes of a map are not"] = UnreadAsync,
            ["A marker of another epoch is none"] = EpochAsync,
            ["A node that is cut off can't move or read a marker"] = CutAsync,
            ["A block is told to all nodes and read by those that come later, until it ends"] = BlockAsync,
            ["A later block takes the place of an earlier one, and one that has ended lifts it for all to read"] = LiftAsync,
            ["Blocks are read in pages, and what a node has missed is newer than what it knew"] = MissedBlocksAsync,
        };

    private static async Task ForwardAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        RoomPosition newest = default;
        for (int number = 1; number <= 9; number++)
        {
            newest = (await one.PublishAsync("room", number, Check.Kept)).Position;
        }

        Check.Equal(new ReadMarker(0, 9), await two.Engine.Users.FindMarkerAsync("room", "ann", 9, Check.None), "No marker");
        (long Offset, ReadMarker Expected)[] steps =
        [
            (3, new ReadMarker(3, 6) { HasMoved = true }),
            (7, new ReadMarker(7, 2) { HasMoved = true }),
            (5, new ReadMarker(7, 2)),
            (7, new ReadMarker(7, 2)),
            (99, new ReadMarker(9, 0) { HasMoved = true }),
        ];
        foreach ((long offset, ReadMarker expected) in steps)
        {
            RoomPosition position = newest with { Offset = offset };
            Check.Equal(expected, await one.Engine.Users.MarkReadAsync("room", "ann", position, Check.None), $"The marker after {offset}");
        }

        Check.Equal(
            new ReadMarker(9, 0),
            await two.Engine.Users.FindMarkerAsync("room", "ann", 9, Check.None),
            "The marker on another node"
        );
        Check.Equal(new ReadMarker(0, 9), await two.Engine.Users.FindMarkerAsync("room", "bob", 9, Check.None), "Another user's marker");
        Check.Equal(new ReadMarker(0, 0), await two.Engine.Users.FindMarkerAsync("other", "ann", 0, Check.None), "In another room");
    }

    private static async Task UnreadAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        var options = new MapStoreOptions(10, 1_000, new StoreOptions(10, 1_000, TimeSpan.FromMinutes(10)));
        RoomPosition read = default;
        for (int number = 1; number <= 4; number++)
        {
            // Offsets 1, 4, 7, 10; and two changes behind each.
            RoomPosition position = (await one.PublishAsync("room", number, Check.Kept)).Position;
            read = number == 2 ? position : read;
            for (byte value = 1; value <= 2; value++)
            {
                var change = new MapChange("a", new byte[] { (byte)'0' }, default);
                await one.Engine.Maps.ChangeAsync("room", change, options, Check.None);
            }
        }

        ReadMarker? marker = await one.Engine.Users.MarkReadAsync("room", "ann", read, Check.None);
        Check.Equal(new ReadMarker(4, 2) { HasMoved = true }, marker, "The marker");
        Check.Equal(new ReadMarker(4, 1), await one.Engine.Users.FindMarkerAsync("room", "ann", 9, Check.None), "Up to the third message");
        Check.Equal(new ReadMarker(4, 2), await one.Engine.Users.FindMarkerAsync("room", "ann", 12, Check.None), "Up to the end");
        marker = await one.Engine.Users.MarkReadAsync("room", "ann", read with { Offset = 6 }, Check.None);
        Check.Equal(new ReadMarker(6, 2) { HasMoved = true }, marker, "The marker on a change");
    }

    private static async Task EpochAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.PublishAsync("room", 1, Check.Kept);
        Check.Equal(
            null,
            await one.Engine.Users.MarkReadAsync("room", "ann", new RoomPosition("another", 1), Check.None),
            "A marker of another epoch"
        );
        Check.Equal(new ReadMarker(0, 1), await one.Engine.Users.FindMarkerAsync("room", "ann", 1, Check.None), "The marker");
    }

    private static async Task CutAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        PublishResult published = await one.PublishAsync("room", 1, Check.Kept);
        await world.CutAsync(one.Engine);
        await Check.FailsAsync(
            async () => await one.Engine.Users.MarkReadAsync("room", "ann", published.Position, Check.None),
            "Moving a marker"
        );
        await Check.FailsAsync(async () => await one.Engine.Users.FindMarkerAsync("room", "ann", 1, Check.None), "Reading a marker");
    }

    private static async Task BlockAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        AccessBlock ban = await one.BlockAsync(world, AccessBlockKind.BannedUser, "ann", _hour);
        AccessBlock revocation = await two.BlockAsync(world, AccessBlockKind.RevokedUser, "ann", _hour * 2);
        Check.Equal(true, ban.Version > 0 && revocation.Version > ban.Version, "That versions grow");
        foreach (RecordingNode node in (RecordingNode[])[one, two])
        {
            await node.ExpectAsync(static node => Names(node.Blocks), "BannedUser ann, RevokedUser ann");
            Check.Equal(ban, node.Blocks[0], "The block that was told");
        }

        await using RecordingNode late = await Check.StartAsync(world, "late");
        Check.Equal("BannedUser ann, RevokedUser ann", await late.ReadBlocksAsync(), "What a node reads that comes later");
        await world.PassAsync(_hour);
        Check.Equal("RevokedUser ann", await late.ReadBlocksAsync(), "What is left when one has ended");
    }

    private static async Task LiftAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.BlockAsync(world, AccessBlockKind.BannedUser, "ann", _hour);
        AccessBlock shorter = await one.BlockAsync(world, AccessBlockKind.BannedUser, "ann", _hour / 2);
        Check.Equal(shorter, (await one.Engine.Users.ReadBlocksAsync(0, 10, Check.None)).Single(), "The block");
        AccessBlock lifted = await one.BlockAsync(world, AccessBlockKind.BannedUser, "ann", TimeSpan.Zero);
        Check.Equal(lifted, (await one.Engine.Users.ReadBlocksAsync(shorter.Version, 10, Check.None)).Single(), "The lifted block");
        await world.PassAsync(_hour / 2);
        Check.Equal("", await one.ReadBlocksAsync(), "What is left when it would have ended");
        await one.BlockAsync(world, AccessBlockKind.BannedUser, "nobody", TimeSpan.Zero);
        Check.Equal("", await one.ReadBlocksAsync(), "What is left of lifting what was not there");
    }

    private static async Task MissedBlocksAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        long known = (await one.BlockAsync(world, AccessBlockKind.RevokedToken, "0", _hour)).Version;
        await world.CutAsync(two.Engine);
        await Check.FailsAsync(async () => await two.Engine.Users.ReadBlocksAsync(0, 10, Check.None), "Reading blocks");
        await Check.FailsAsync(async () => await two.BlockAsync(world, AccessBlockKind.BannedUser, "ann", _hour), "Blocking");
        for (int number = 1; number <= 5; number++)
        {
            await one.BlockAsync(world, AccessBlockKind.RevokedToken, number.ToString(CultureInfo.InvariantCulture), _hour);
        }

        await world.HealAsync(two.Engine);
        IReadOnlyList<AccessBlock> page = await two.Engine.Users.ReadBlocksAsync(known, 3, Check.None);
        Check.Equal("RevokedToken 1, RevokedToken 2, RevokedToken 3", Names(page), "The first page");
        page = await two.Engine.Users.ReadBlocksAsync(page[^1].Version, 3, Check.None);
        Check.Equal("RevokedToken 4, RevokedToken 5", Names(page), "The second page");
    }

    private static async Task<AccessBlock> BlockAsync(
        this RecordingNode node,
        HubWorld world,
        AccessBlockKind kind,
        string name,
        TimeSpan time
    ) => await node.Engine.Users.BlockAsync(new AccessBlock(kind, name, world.Date, world.Date + time), Check.None);

    private static async Task<string> ReadBlocksAsync(this RecordingNode node) =>
        Names(await node.Engine.Users.ReadBlocksAsync(0, 100, Check.None));

    private static string Names(IEnumerable<AccessBlock> blocks) =>
        string.Join(", ", blocks.Select(static block => $"{block.Kind} {block.Name}"));
}
