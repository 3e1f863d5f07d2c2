namespace Longwire.Hubs.Specification;

/// <summary>A publication under a key counts once, however often it is sent.</summary>
internal static class IdempotencyTests
{
    private static readonly StoreOptions _keyed = Check.Kept with
    {
        IdempotencyKey = new IdempotencyKey("ann", "message 1"),
        Fingerprint = 1,
        IdempotencyAge = TimeSpan.FromHours(1),
    };

    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["What is published again under its key, on any node, is not published again"] = RepeatedAsync,
            ["Other content under the same key is refused"] = ReusedAsync,
            ["Rooms, producers and requests have keys of their own"] = DistinctAsync,
            ["A key is remembered for its age"] = AgeAsync,
        };

    private static async Task RepeatedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await two.Publications.SubscribeAsync("room", Check.None);
        PublishResult first = await one.PublishAsync("room", 1, _keyed);
        await one.PublishAsync("room", 2, Check.Kept);
        Check.Equal(first with { Outcome = PublishOutcome.Repeated }, await two.PublishAsync("room", 1, _keyed), "The repetition's result");
        await two.ExpectAsync(node => node.Offsets("room"), "1 2");
        PublishResult[] results = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(index => (index % 2 == 0 ? one : two).PublishAsync("race", 1, _keyed))
        );
        Check.Equal(1, results.Count(static result => result.Outcome == PublishOutcome.Published), "How often a race is published");
    }

    private static async Task ReusedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.PublishAsync("room", 1, _keyed);
        PublishResult other = await one.PublishAsync("room", 2, _keyed with { Fingerprint = 2 });
        Check.Equal(PublishOutcome.IdReused, other.Outcome, "The outcome");
        Check.Equal("1", await one.ReadAsync("room", new HistoryQuery { Limit = 10 }), "What is kept");
    }

    private static async Task DistinctAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.PublishAsync("room", 1, _keyed);
        (string Room, IdempotencyKey Key)[] others =
        [
            ("other", _keyed.IdempotencyKey!.Value),
            ("room", new IdempotencyKey("bob", "message 1")),
            ("room", new IdempotencyKey("ann", "message 2")),
        ];
        foreach ((string room, IdempotencyKey key) in others)
        {
            PublishResult result = await one.PublishAsync(room, 1, _keyed with { IdempotencyKey = key });
            Check.Equal(PublishOutcome.Published, result.Outcome, $"The outcome for {key} in {room}");
        }
    }

    private static async Task AgeAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.PublishAsync("room", 1, _keyed);
        await world.PassAsync(TimeSpan.FromMinutes(59));
        Check.Equal(PublishOutcome.Repeated, (await one.PublishAsync("room", 1, _keyed)).Outcome, "The outcome before its age");
        await world.PassAsync(TimeSpan.FromMinutes(2));
        Check.Equal(PublishOutcome.Published, (await one.PublishAsync("room", 1, _keyed)).Outcome, "The outcome after its age");
    }
}
