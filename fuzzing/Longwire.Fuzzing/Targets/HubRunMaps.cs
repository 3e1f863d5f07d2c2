namespace Longwire.Fuzzing;

/// <summary>The maps of a node's engine: calls are kept like all others, and the model learns of changes.</summary>
internal sealed class HubRunMaps(HubRunEngine engine, MemoryHubEngine inner, HubModel model, HubFault fault) : IMapStore
{
    public ValueTask<MapResult> ChangeAsync(string room, MapChange change, MapStoreOptions options, CancellationToken cancellationToken) =>
        engine.CallAsync(() =>
        {
            MapChange made = fault == HubFault.IgnoredCondition ? change with { IfVersion = null } : change;
            if (fault == HubFault.NoDeduplication)
            {
                options = options with { Changes = options.Changes with { IdempotencyKey = null } };
            }

            lock (model)
            {
                ValueTask<MapResult> changing = inner.Maps.ChangeAsync(room, made, options, cancellationToken);
                MapResult result = changing.AsTask().GetAwaiter().GetResult();
                RoomPosition position = inner
                    .Publications.ReadHistoryAsync(room, new HistoryQuery { Limit = 0 }, cancellationToken)
                    .AsTask()
                    .GetAwaiter()
                    .GetResult()
                    .Position;
                model.OnChange(room, change, options.Changes.IdempotencyKey, result, position);
                return ValueTask.FromResult(result);
            }
        });

    public ValueTask<MapEntry?> FindAsync(string room, string key, CancellationToken cancellationToken) =>
        inner.Maps.FindAsync(room, key, cancellationToken);

    public ValueTask<MapPage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken) =>
        engine.CallAsync(async () =>
        {
            MapPage page = await inner.Maps.ReadAsync(room, after, limit, cancellationToken);
            return fault switch
            {
                HubFault.HoleInMap => page with { Entries = [.. page.Entries.Take(1), .. page.Entries.Skip(2)] },
                HubFault.ForgottenRemoval => page with { Entries = [.. page.Entries.Where(static entry => entry.Value is not null)] },
                _ => page,
            };
        });
}
