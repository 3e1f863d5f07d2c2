namespace Longwire.Hubs.Specification;

/// <summary>The assertions that the tests share.</summary>
internal static class Check
{
    public static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Keeps five publications for ten minutes.</summary>
    public static StoreOptions Kept { get; } = new(5, 1_000_000, TimeSpan.FromMinutes(10));

    /// <summary>Keeps nothing.</summary>
    public static StoreOptions Passed { get; } = new(0, 0, TimeSpan.Zero);

    public static async Task<RecordingNode> StartAsync(HubWorld world, string name)
    {
        var node = new RecordingNode(name, await world.CreateEngineAsync(name).ConfigureAwait(false));
        await node.Engine.StartAsync(node, None).ConfigureAwait(false);
        await node.Presence.RenewLeaseAsync(TimeSpan.FromSeconds(10), None).ConfigureAwait(false);
        return node;
    }

    public static PublicationDraft Draft(int number) =>
        new("message", new PublicationSender("ann", "Ann"), ContentKind.Binary, BitConverter.GetBytes(number), DateTimeOffset.UnixEpoch);

    public static RoomMember Member(string clientId, string? userId = null) => new(clientId, userId ?? clientId, "Ann", Metadata: null);

    public static async Task<PublishResult> PublishAsync(this RecordingNode node, string room, int number, StoreOptions options) =>
        await node.Publications.PublishAsync(room, Draft(number), options, None).ConfigureAwait(false);

    public static async Task<string> ReadAsync(this RecordingNode node, string room, HistoryQuery query) =>
        string.Join(
            ' ',
            (await node.Publications.ReadHistoryAsync(room, query, None).ConfigureAwait(false)).Publications.Select(static publication =>
                BitConverter.ToInt32(publication.Draft.Content.Span)
            )
        );

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new SpecificationException($"{what} should be {expected} and is {actual}.");
        }
    }

    public static async Task FailsAsync(Func<ValueTask> call, string what)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (HubUnavailableException)
        {
            return;
        }

        throw new SpecificationException($"{what} should fail while the engine is away, and does not.");
    }
}
