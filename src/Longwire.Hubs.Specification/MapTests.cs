using System.Text;

namespace Longwire.Hubs.Specification;

/// <summary>The maps of rooms.</summary>
internal static class MapTests
{
    private static readonly MapStoreOptions _kept = new(100, 10_000, new StoreOptions(100, 100_000, TimeSpan.FromMinutes(10)));

    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["Changes of a map and messages have one order, and every subscribed node is told in it"] = OrderAsync,
            ["A change has a condition, and tells the version in its way"] = ConditionsAsync,
            ["A map is read in pages, in the order of its changes, with the keys that were removed"] = PagesAsync,
            ["Changes push no message out of the history, nor messages changes"] = HistoryAsync,
            ["A change that is made again under its key is made once"] = OnceAsync,
            ["A key goes with its age, which every node is told once, unless it was put again"] = AgeAsync,
            ["A map has as many keys and bytes as it may have"] = FullAsync,
            ["A map outlives its subscribers, in the same epoch"] = OutlivesAsync,
            ["A node that is cut off can't change or read a map"] = CutAsync,
            ["After a loss a map is as it was before"] = LossAsync,
        };

    private static async Task OrderAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await one.PublishAsync("room", 1, Check.Kept);
        Check.Equal(2, (await PutAsync(two, "a", 1)).Version, "The version of the first key");
        await one.PublishAsync("room", 2, Check.Kept);
        Check.Equal(4, (await PutAsync(two, "a", 2)).Version, "The version of the key put again");
        Check.Equal(5, (await RemoveAsync(one, "a")).Version, "The version of the removal");
        Check.Equal(MapOutcome.Unchanged, (await RemoveAsync(one, "a")).Outcome, "The outcome of removing what is not there");
        foreach (RecordingNode node in (RecordingNode[])[one, two])
        {
            await node.ExpectAsync(Told, "1 a=1 2 a=2 -a");
            Publication[] told = node.Told("room");
            Check.Equal(
                true,
                told.Skip(1).Zip(told, static (next, last) => next.Follows(last.Position)).All(static follows => follows),
                "That each follows the one before"
            );
            Check.Equal("1 1 2 2 2", string.Join(' ', told.Select(static next => next.Messages)), "How many messages there were");
        }
    }

    private static async Task ConditionsAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        Check.Equal(new MapResult(MapOutcome.Changed, 1), await PutAsync(one, "a", 1, ifVersion: 0), "Putting a new key");
        Check.Equal(new MapResult(MapOutcome.Conflict, 1), await PutAsync(two, "a", 2, ifVersion: 0), "Putting it as new again");
        Check.Equal(new MapResult(MapOutcome.Changed, 2), await PutAsync(two, "a", 2, ifVersion: 1), "Putting its next version");
        Check.Equal(new MapResult(MapOutcome.Conflict, 2), await PutAsync(one, "a", 3, ifVersion: 1), "Putting an old version");
        Check.Equal(new MapResult(MapOutcome.Conflict, 2), await RemoveAsync(one, "a", ifVersion: 1), "Removing an old version");
        Check.Equal(new MapResult(MapOutcome.Changed, 3), await RemoveAsync(one, "a", ifVersion: 2), "Removing the newest");
        Check.Equal(new MapResult(MapOutcome.Conflict, 0), await PutAsync(two, "a", 4, ifVersion: 2), "Putting what was removed");
        Check.Equal(new MapResult(MapOutcome.Changed, 4), await PutAsync(two, "a", 4, ifVersion: 0), "Putting it as new");
    }

    private static async Task PagesAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        foreach (string key in (string[])["a", "b", "c", "d"])
        {
            await PutAsync(one, key, 1);
        }

        await PutAsync(two, "a", 2);
        await RemoveAsync(two, "c");
        Check.Equal("b=1:2 d=1:4 more", await ReadAsync(two, 0, 2), "The first page");
        Check.Equal("a=2:5 -c:6", await ReadAsync(one, 4, 2), "The second page");
        Check.Equal("", await ReadAsync(one, 6, 2), "What is behind the last");
        MapPage page = await one.Engine.Maps.ReadAsync("room", 0, 10, Check.None);
        Check.Equal(6, page.Position.Offset, "Where the room is");
        Check.Equal(true, page.KnowsSince < 6, "That the removal is known");
        Check.Equal(true, page.Entries[^1].Value is null, "That a key that was removed has no value");
        Check.Equal(5, (await two.Engine.Maps.FindAsync("room", "a", Check.None))?.Version, "The version of a key");
        Check.Equal(null, await two.Engine.Maps.FindAsync("room", "c", Check.None), "A key that was removed");
    }

    private static async Task HistoryAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        StoreOptions two = Check.Kept with { HistorySize = 2 };
        MapStoreOptions few = _kept with { Changes = _kept.Changes with { HistorySize = 2 } };
        for (int number = 1; number <= 3; number++)
        {
            await one.PublishAsync("room", number, two);
            await one.Engine.Maps.ChangeAsync("room", Put("a", number), few, Check.None);
        }

        Check.Equal("3 5", await OffsetsAsync(one, new HistoryQuery { Limit = 10 }), "The messages");
        Check.Equal("5", await OffsetsAsync(one, new HistoryQuery { Limit = 10, Since = 3 }), "The messages since one");
        Check.Equal(
            "3 4 5 6",
            await OffsetsAsync(
                one,
                new HistoryQuery
                {
                    Limit = 10,
                    Since = 0,
                    WithChanges = true,
                }
            ),
            "The whole sequence"
        );
        await one.Engine.Maps.ChangeAsync("room", Put("a", 4), few, Check.None);
        Check.Equal(
            "5 6 7",
            await OffsetsAsync(
                one,
                new HistoryQuery
                {
                    Limit = 10,
                    Since = 0,
                    WithChanges = true,
                }
            ),
            "What has no gap"
        );
    }

    private static async Task OnceAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        StoreOptions keyed = _kept.Changes with
        {
            IdempotencyKey = new IdempotencyKey("ann", "1"),
            Fingerprint = 7,
            IdempotencyAge = TimeSpan.FromHours(1),
        };
        await one.Engine.Maps.ChangeAsync("room", Put("a", 1), _kept with { Changes = keyed }, Check.None);
        await PutAsync(one, "a", 2);
        Check.Equal(
            new MapResult(MapOutcome.Repeated, 1),
            await two.Engine.Maps.ChangeAsync("room", Put("a", 1), _kept with { Changes = keyed }, Check.None),
            "The change made again"
        );
        MapResult reused = await two.Engine.Maps.ChangeAsync(
            "room",
            Put("a", 3),
            _kept with
            {
                Changes = keyed with { Fingerprint = 8 },
            },
            Check.None
        );
        Check.Equal(MapOutcome.IdReused, reused.Outcome, "Another change under its key");
        Check.Equal("a=2:2", await ReadAsync(two, 0, 10), "The map");
    }

    private static async Task AgeAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await PutAsync(one, "a", 1, age: TimeSpan.FromMinutes(1));
        await PutAsync(one, "b", 1, age: TimeSpan.FromMinutes(1));
        await PutAsync(one, "c", 1, age: TimeSpan.FromMinutes(3));
        await PutAsync(one, "b", 2);
        await world.PassAsync(TimeSpan.FromMinutes(2));
        foreach (RecordingNode node in (RecordingNode[])[one, two])
        {
            await node.ExpectAsync(Told, "a=1 b=1 c=1 b=2 -a");
        }

        await PutAsync(one, "c", 2, age: TimeSpan.FromMinutes(3));
        await world.PassAsync(TimeSpan.FromMinutes(2));
        Check.Equal("b=2:4 -a:5 c=2:6", await ReadAsync(two, 0, 10), "The map");
    }

    private static async Task FullAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        MapStoreOptions two = _kept with { MaxKeys = 2 };
        await one.Engine.Maps.ChangeAsync("room", Put("a", 1), two, Check.None);
        await one.Engine.Maps.ChangeAsync("room", Put("b", 1), two, Check.None);
        Check.Equal(MapOutcome.Full, (await one.Engine.Maps.ChangeAsync("room", Put("c", 1), two, Check.None)).Outcome, "The third key");
        Check.Equal(MapOutcome.Changed, (await one.Engine.Maps.ChangeAsync("room", Put("b", 2), two, Check.None)).Outcome, "The second");
        await RemoveAsync(one, "a");
        Check.Equal(MapOutcome.Changed, (await one.Engine.Maps.ChangeAsync("room", Put("c", 1), two, Check.None)).Outcome, "In its place");
        var large = new MapChange("b", Encoding.UTF8.GetBytes($"\"{new string('x', 10_000)}\""), default);
        Check.Equal(MapOutcome.Full, (await one.Engine.Maps.ChangeAsync("room", large, two, Check.None)).Outcome, "Too many bytes");
    }

    private static async Task OutlivesAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        RoomPosition start = await one.Publications.SubscribeAsync("room", Check.None);
        await PutAsync(one, "a", 1);
        await one.Publications.UnsubscribeAsync("room", Check.None);
        await world.PassAsync(TimeSpan.FromHours(5));
        await one.PublishAsync("other", 1, Check.Passed);
        Check.Equal("a=1:1", await ReadAsync(one, 0, 10), "The map");
        Check.Equal(start.Epoch, (await one.Publications.SubscribeAsync("room", Check.None)).Epoch, "The epoch");
    }

    private static async Task CutAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await world.CutAsync(one.Engine);
        await Check.FailsAsync(async () => await PutAsync(one, "a", 1), "A change");
        await Check.FailsAsync(async () => await ReadAsync(one, 0, 10), "Reading a page");
        await Check.FailsAsync(async () => await one.Engine.Maps.FindAsync("room", "a", Check.None), "Reading a key");
        await world.HealAsync(one.Engine);
        Check.Equal("", await ReadAsync(one, 0, 10), "The map");
    }

    private static async Task LossAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await PutAsync(one, "a", 1);
        await PutAsync(one, "b", 1);
        await PutAsync(one, "a", 2);
        await PutAsync(one, "c", 1);
        await RemoveAsync(one, "b");
        await world.LoseNewestAsync(3);
        Check.Equal("a=1:1 b=1:2", await ReadAsync(one, 0, 10), "The map");
        Check.Equal(3, (await PutAsync(one, "c", 2)).Version, "The version of the next change");
        await RemoveAsync(one, "a");
        await PutAsync(one, "a", 3);
        await world.LoseNewestAsync(1);
        Check.Equal("b=1:2 c=2:3 -a:4", await ReadAsync(one, 0, 10), "The map when a put behind a removal is lost");
        Check.Equal(new MapResult(MapOutcome.Changed, 5), await PutAsync(one, "a", 4, ifVersion: 0), "Putting it as new again");
    }

    private static string Told(RecordingNode node) =>
        string.Join(' ', node.Told("room").Select(static told => Text(told.Draft.Key, told.Draft.Content)));

    private static string Text(string? key, ReadOnlyMemory<byte>? value) =>
        key is null ? BitConverter.ToInt32(value!.Value.Span).ToString()
        : value is { Length: > 0 } json ? $"{key}={Encoding.UTF8.GetString(json.Span)}"
        : $"-{key}";

    private static async Task<string> ReadAsync(RecordingNode node, long after, int limit)
    {
        MapPage page = await node.Engine.Maps.ReadAsync("room", after, limit, Check.None);
        string entries = string.Join(' ', page.Entries.Select(static entry => $"{Text(entry.Key, entry.Value)}:{entry.Version}"));
        return page.HasMore ? entries + " more" : entries;
    }

    private static async Task<string> OffsetsAsync(RecordingNode node, HistoryQuery query) =>
        string.Join(
            ' ',
            (await node.Publications.ReadHistoryAsync("room", query, Check.None)).Publications.Select(static next => next.Position.Offset)
        );

    private static MapChange Put(string key, int value) => new(key, Encoding.UTF8.GetBytes(value.ToString()), default);

    private static async Task<MapResult> PutAsync(
        RecordingNode node,
        string key,
        int value,
        long? ifVersion = null,
        TimeSpan? age = null
    ) => await node.Engine.Maps.ChangeAsync("room", Put(key, value) with { IfVersion = ifVersion, Age = age }, _kept, Check.None);

    private static async Task<MapResult> RemoveAsync(RecordingNode node, string key, long? ifVersion = null) =>
        await node.Engine.Maps.ChangeAsync("room", new MapChange(key, null, default) { IfVersion = ifVersion }, _kept, Check.None);
}
