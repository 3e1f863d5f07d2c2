namespace Longwire.Fuzzing;

/// <summary>The users of a node's engine: calls are kept like all others, and the model learns of markers.</summary>
internal sealed class HubRunUsers(HubRunEngine engine, MemoryHubEngine inner, HubModel model, HubFault fault) : IUserStore
{
    public ValueTask<ReadMarker?> MarkReadAsync(string room, string userId, RoomPosition position, CancellationToken cancellationToken) =>
        engine.CallAsync(() =>
        {
            lock (model)
            {
                if (fault == HubFault.LostMarker)
                {
                    model.OnMarked(room, userId, position.Offset);
                    return ValueTask.FromResult<ReadMarker?>(new ReadMarker(position.Offset, 0));
                }

                // Retries run on other threads: no client may hear of a marker before the model has.
                ValueTask<ReadMarker?> marking = inner.Users.MarkReadAsync(room, userId, position, cancellationToken);
                ReadMarker? marker = marking.AsTask().GetAwaiter().GetResult();
                if (marker is { } moved)
                {
                    model.OnMarked(room, userId, moved.Offset);
                }

                return ValueTask.FromResult(marker);
            }
        });

    public ValueTask<ReadMarker> FindMarkerAsync(string room, string userId, long upTo, CancellationToken cancellationToken) =>
        engine.CallAsync(async () =>
        {
            ReadMarker marker = await inner.Users.FindMarkerAsync(room, userId, upTo, cancellationToken);
            return fault switch
            {
                HubFault.MarkerGoesBack when marker.Offset > 1 => marker with { Offset = 1 },
                HubFault.UnreadChanges => marker with { Unread = upTo - marker.Offset },
                _ => marker,
            };
        });

    public ValueTask<AccessBlock> BlockAsync(AccessBlock block, CancellationToken cancellationToken) =>
        engine.CallAsync(() => inner.Users.BlockAsync(block, cancellationToken));

    public ValueTask<IReadOnlyList<AccessBlock>> ReadBlocksAsync(long after, int limit, CancellationToken cancellationToken) =>
        engine.CallAsync(() => inner.Users.ReadBlocksAsync(after, limit, cancellationToken));
}
