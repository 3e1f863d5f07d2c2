namespace Longwire.Hubs;

/// <content>The past that a member is given: the messages that it missed, the newest, or the room's state.</content>
internal sealed partial class RoomRequests
{
    /// <summary>How often a state is loaded that turns out to be older than the room's history.</summary>
    private const int MaxLoads = 3;

    private async ValueTask CatchUpAsync(Room room, Receiver receiver, JoinDetails join, string? id)
    {
        bool wasReceiving = room.BeginCatchUp(receiver);
        try
        {
            int limit = hub.Settings.MaxHistoryMessages;
            if (join.Recover is { } position)
            {
                HistoryPage missed = await ReadAsync(room.Name, new HistoryQuery { Since = position.Offset, Limit = limit })
                    .ConfigureAwait(false);
                if (missed.IsAllSince(position) && HistoryLimits.Fit(missed, hub.Settings.MaxHistoryBytes))
                {
                    await room.CompleteCatchUpAsync(receiver, missed.Position, recovered: true, missed.Publications, id)
                        .ConfigureAwait(false);
                    return;
                }
            }

            HistoryPage page = await ReadAsync(room.Name, new HistoryQuery { Limit = join.History > 0 ? join.History : limit })
                .ConfigureAwait(false);
            Publication[] newest = HistoryLimits.Newest(page.Publications, hub.Settings.MaxHistoryBytes);
            await room.CompleteCatchUpAsync(receiver, page.Position, recovered: false, newest, id).ConfigureAwait(false);
        }
        catch
        {
            room.AbandonCatchUp(receiver, wasReceiving);
            throw;
        }
    }

    /// <summary>
    /// Shows what the room's loader loads, and behind it everything that the loader may not have seen: what comes while it works is kept
    /// from before it began.
    /// </summary>
    private async ValueTask ShowStateAsync(HubSession session, Room room, Receiver receiver, string? id)
    {
        bool wasReceiving = room.BeginCatchUp(receiver);
        try
        {
            using var patience = new CancellationTokenSource(room.Settings.StateTimeout, hub.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, hub.Stopping);
            for (int attempt = 0; attempt < MaxLoads; attempt++)
            {
                RoomPosition before = (await ReadAsync(room.Name, new HistoryQuery { Limit = 0 }).ConfigureAwait(false)).Position;
                RoomState state = await room
                    .Settings.LoadState!(session, room.Name, before, either.Token)
                    .AsTask()
                    .WaitAsync(either.Token)
                    .ConfigureAwait(false);
                RoomPosition from = state.Position ?? before;
                var query = new HistoryQuery { Since = from.Offset, Limit = hub.Settings.MaxHistoryMessages };
                HistoryPage since = from == before ? new HistoryPage(before, []) : await ReadAsync(room.Name, query).ConfigureAwait(false);
                if (since.IsAllSince(from) && HistoryLimits.Fit(since, hub.Settings.MaxHistoryBytes))
                {
                    Publication[] newer = [.. since.Publications.Where(publication => !state.Covers(publication.Draft))];
                    await room.CompleteCatchUpAsync(receiver, since.Position, recovered: false, newer, id, state).ConfigureAwait(false);
                    return;
                }
            }

            throw new HubUnavailableException("The state of a room was older than its history each time that it was loaded.");
        }
        catch (Exception exception)
        {
            room.AbandonCatchUp(receiver, wasReceiving);
            if (exception is OperationCanceledException && !hub.IsStopping)
            {
                throw new HubUnavailableException("The state of a room took too long to load.", exception);
            }

            throw;
        }
    }

    private async ValueTask HistoryAsync(HubSession session, string name, HistoryQuery query, string? id)
    {
        HistoryPage page = await ReadAsync(name, query).ConfigureAwait(false);
        int maxBytes = hub.Settings.MaxHistoryBytes;
        Publication[] publications = query.Since is null
            ? HistoryLimits.Newest(page.Publications, maxBytes)
            : HistoryLimits.Oldest(page.Publications, maxBytes);
        session.Send(ServerMessages.History(name, page.Position, publications, id));
    }

    private ValueTask<HistoryPage> ReadAsync(string name, HistoryQuery query) =>
        engine.Publications.ReadHistoryAsync(name, query, hub.Stopping);
}
