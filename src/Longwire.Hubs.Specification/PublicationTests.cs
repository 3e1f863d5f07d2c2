namespace Longwire.Hubs.Specification;

/// <summary>The order of publications, and what is kept of them.</summary>
internal static class PublicationTests
{
    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["Offsets count from one within an epoch"] = OffsetsAsync,
            ["Every subscribed node is told the same in the same order, however many publish"] = OrderAsync,
            ["A node that is not subscribed is told nothing"] = UnsubscribedAsync,
            ["Each publication names the tag of the one before"] = TagsAsync,
            ["History is read since, before or newest"] = HistoryAsync,
            ["A room without history has a position"] = PositionAsync,
            ["History outlives its subscribers, in the same epoch"] = OutlivesAsync,
            ["An older version of a key is stale, and an equal one is not"] = VersionsAsync,
        };

    private static async Task OffsetsAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        RoomPosition start = await one.Publications.SubscribeAsync("room", Check.None);
        Check.Equal(0, start.Offset, "The offset of an empty room");
        for (int number = 1; number <= 3; number++)
        {
            PublishResult result = await one.PublishAsync("room", number, Check.Passed);
            Check.Equal((start.Epoch, number), (result.Position.Epoch, result.Position.Offset), "The position of a publication");
            Check.Equal(PublishOutcome.Published, result.Outcome, "The outcome");
        }

        await one.ExpectAsync(node => node.Offsets("room"), "1 2 3");
    }

    private static async Task OrderAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(publisher =>
                    Task.Run(async () =>
                    {
                        for (int number = 0; number < 100; number++)
                        {
                            await (publisher % 2 == 0 ? one : two).PublishAsync("room", number, Check.Kept);
                        }
                    })
                )
        );
        string expected = string.Join(' ', Enumerable.Range(1, 400));
        await one.ExpectAsync(node => node.Offsets("room"), expected);
        await two.ExpectAsync(node => node.Offsets("room"), expected);
        Check.Equal(
            true,
            one.Told("room").Select(Content).SequenceEqual(two.Told("room").Select(Content)),
            "That both nodes are told the same"
        );

        static int Content(Publication publication) => BitConverter.ToInt32(publication.Draft.Content.Span);
    }

    private static async Task UnsubscribedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.SubscribeAsync("room", Check.None);
        await two.Publications.UnsubscribeAsync("room", Check.None);
        await one.PublishAsync("room", 1, Check.Passed);
        await one.PublishAsync("elsewhere", 1, Check.Passed);
        await one.ExpectAsync(node => node.Offsets("room"), "1");
        Check.Equal("", two.Offsets("room") + one.Offsets("elsewhere"), "What a node is told that is not subscribed");
    }

    private static async Task TagsAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        RoomPosition last = await one.Publications.SubscribeAsync("room", Check.None);
        for (int number = 1; number <= 4; number++)
        {
            await one.PublishAsync("room", number, Check.Kept);
        }

        await one.ExpectAsync(node => node.Offsets("room"), "1 2 3 4");
        HistoryPage page = await one.Publications.ReadHistoryAsync("room", new HistoryQuery { Limit = 10 }, Check.None);
        foreach (IReadOnlyList<Publication> list in (IReadOnlyList<Publication>[])[one.Told("room"), page.Publications])
        {
            RoomPosition previous = last;
            foreach (Publication publication in list)
            {
                Check.Equal(true, publication.Follows(previous), $"That {publication.Position} follows {previous}");
                previous = publication.Position;
            }

            Check.Equal(page.Position, previous, "The position of the newest publication");
        }
    }

    private static async Task HistoryAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        for (int number = 1; number <= 8; number++)
        {
            await one.PublishAsync("room", number, Check.Kept);
        }

        (HistoryQuery Query, string Expected)[] cases =
        [
            (new() { Limit = 100 }, "4 5 6 7 8"),
            (new() { Limit = 2 }, "7 8"),
            (new() { Limit = 0 }, ""),
            (new() { Since = 5, Limit = 100 }, "6 7 8"),
            (new() { Since = 5, Limit = 1 }, "6"),
            (new() { Since = 8, Limit = 1 }, ""),
            (new() { Before = 6, Limit = 100 }, "4 5"),
            (new() { Before = 6, Limit = 1 }, "5"),
        ];
        foreach ((HistoryQuery query, string expected) in cases)
        {
            Check.Equal(expected, await one.ReadAsync("room", query), $"The history for {query}");
        }
    }

    private static async Task PositionAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.Publications.SubscribeAsync("room", Check.None);
        PublishResult result = await one.PublishAsync("room", 1, Check.Passed);
        HistoryPage page = await one.Publications.ReadHistoryAsync("room", new HistoryQuery { Limit = 10 }, Check.None);
        Check.Equal(result.Position, page.Position, "The position");
        Check.Equal(0, page.Publications.Count, "The number of publications kept");
    }

    private static async Task OutlivesAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.Publications.SubscribeAsync("room", Check.None);
        PublishResult result = await one.PublishAsync("room", 1, Check.Kept);
        await one.Publications.UnsubscribeAsync("room", Check.None);
        await world.PassAsync(TimeSpan.FromMinutes(5));
        Check.Equal(result.Position, await one.Publications.SubscribeAsync("room", Check.None), "The position after five minutes");
        Check.Equal("1", await one.ReadAsync("room", new HistoryQuery { Limit = 10 }), "The history after five minutes");
        await world.PassAsync(TimeSpan.FromMinutes(5));
        Check.Equal("", await one.ReadAsync("room", new HistoryQuery { Limit = 10 }), "The history after its age");
    }

    private static async Task VersionsAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        Check.Equal(PublishOutcome.Published, await PublishAsync(one, "a", 5), "The first version");
        Check.Equal(PublishOutcome.Stale, await PublishAsync(two, "a", 4), "An older version");
        Check.Equal(PublishOutcome.Published, await PublishAsync(two, "a", 5), "The same version");
        Check.Equal(PublishOutcome.Published, await PublishAsync(two, "b", 1), "Another key's version");
        Check.Equal("1 1 1", await one.ReadAsync("room", new HistoryQuery { Limit = 10 }), "What is kept");

        static async Task<PublishOutcome> PublishAsync(RecordingNode node, string key, long version)
        {
            PublicationDraft draft = Check.Draft(1) with { Key = key, Version = version };
            return (await node.Publications.PublishAsync("room", draft, Check.Kept, Check.None)).Outcome;
        }
    }
}
