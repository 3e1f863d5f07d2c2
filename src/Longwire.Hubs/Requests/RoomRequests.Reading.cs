namespace Longwire.Hubs;

/// <content>The past that a member is given: the messages that it missed, the newest, or the room's state.</content>
internal sealed partial class RoomRequests
{
    /// <summary>How often a state is loaded that turns out to be older than the room's history.</summary>
    private const int MaxLoads = 3;

    /// <summary>How often something is read for a member while the engine goes away and comes back each time.</summary>
    public const int MaxReads = 3;

    private async ValueTask CatchUpAsync(HubSession session, Room room, Receiver receiver, JoinDetails join, string? id)
    {
        bool wasReceiving = room.BeginCatchUp(receiver, join.WantsPresence, out RoomPosition current);
        try
        {
            for (int attempt = 0; attempt < MaxReads; attempt++)
            {
                JoinedEvent joined = await ReadPastAsync(session, room, current, join, id).ConfigureAwait(false);
                if (await room.TryCompleteCatchUpAsync(receiver, joined).ConfigureAwait(false))
                {
                    return;
                }
            }

            throw new HubUnavailableException("The engine was away each time that the history of a room was read.");
        }
        catch
        {
            room.AbandonCatchUp(receiver, wasReceiving);
            throw;
        }
    }

    /// <summary>Reads what a joiner missed, if that can still be told, or else the newest of the room's history.</summary>
    private async ValueTask<JoinedEvent> ReadPastAsync(HubSession session, Room room, RoomPosition current, JoinDetails join, string? id)
    {
        int verification = room.Verification;
        int limit = node.Settings.MaxHistoryMessages;
        RoomPosition? known = null;
        if (join.Recover is { } position)
        {
            HistoryPage missed = await ReadAsync(room.Name, Since(position)).ConfigureAwait(false);
            bool isAll = missed.IsAllSince(position) && HistoryLimits.Fit(missed, node.Settings.MaxHistoryBytes);
            node.Metrics.Recovered(isAll);
            if (isAll)
            {
                return new JoinedEvent(room.Name, room.Members, missed.Position, id)
                {
                    Verification = verification,
                    Recovered = true,
                    Publications = missed.Publications,
                    Presence = await PresenceAsync(room, join).ConfigureAwait(false),
                    Marker = await MarkerAsync(session, room, join, missed.Position).ConfigureAwait(false),
                };
            }

            known = missed.ContinuesFrom(position) ? position : null;
            limit = join.History > 0 ? join.History : limit;
        }
        else
        {
            limit = join.History;
        }

        // Without history it begins where the room stood: others may have been told of the joiner, and what they say to it comes live.
        HistoryPage page =
            limit == 0
                ? new HistoryPage(current, [])
                : await ReadAsync(room.Name, new HistoryQuery { Limit = limit }).ConfigureAwait(false);
        return new JoinedEvent(room.Name, room.Members, page.Position, id)
        {
            Verification = verification,
            Publications = HistoryLimits.Newest(page.Publications, node.Settings.MaxHistoryBytes),
            Map = join.WantsMap ? await maps.ShowAsync(room.Name, known, page.Position).ConfigureAwait(false) : null,
            Presence = await PresenceAsync(room, join).ConfigureAwait(false),
            Marker = await MarkerAsync(session, room, join, page.Position).ConfigureAwait(false),
        };
    }

    private async ValueTask<ShownPresence?> PresenceAsync(Room room, JoinDetails join) =>
        join.WantsPresence ? await presence.ShowAsync(room.Name, join.PresenceVersion).ConfigureAwait(false) : null;

    private async ValueTask<ReadMarker?> MarkerAsync(HubSession session, Room room, JoinDetails join, RoomPosition upTo) =>
        join.WantsMarker ? await markers.FindAsync(session, room.Name, upTo.Offset).ConfigureAwait(false) : null;

    private HistoryQuery Since(RoomPosition position) =>
        new()
        {
            Since = position.Offset,
            Limit = node.Settings.MaxHistoryMessages,
            WithChanges = true,
        };

    /// <summary>
    /// Shows what the room's loader loads, and behind it everything that the loader may not have seen: what comes while it works is kept
    /// from before it began.
    /// </summary>
    private async ValueTask ShowStateAsync(HubSession session, Room room, Receiver receiver, JoinDetails join, string? id)
    {
        bool wasReceiving = room.BeginCatchUp(receiver, join.WantsPresence, out _);
        try
        {
            using var patience = new CancellationTokenSource(room.Settings.StateTimeout, node.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, node.Stopping);
            for (int attempt = 0; attempt < MaxLoads; attempt++)
            {
                int verification = room.Verification;
                RoomPosition before = (await ReadAsync(room.Name, new HistoryQuery { Limit = 0 }).ConfigureAwait(false)).Position;
                RoomState state = await room
                    .Settings.LoadState!(session, room.Name, before, either.Token)
                    .AsTask()
                    .WaitAsync(either.Token)
                    .ConfigureAwait(false);
                RoomPosition from = state.Position ?? before;
                HistoryPage since =
                    from == before ? new HistoryPage(before, []) : await ReadAsync(room.Name, Since(from)).ConfigureAwait(false);
                if (since.IsAllSince(from) && HistoryLimits.Fit(since, node.Settings.MaxHistoryBytes))
                {
                    var joined = new JoinedEvent(room.Name, room.Members, since.Position, id)
                    {
                        Verification = verification,
                        Publications = [.. since.Publications.Where(publication => !state.Covers(publication.Draft))],
                        State = state,
                        Map = join.WantsMap ? await maps.ShowAsync(room.Name, since: null, since.Position).ConfigureAwait(false) : null,
                        Presence = await PresenceAsync(room, join).ConfigureAwait(false),
                        Marker = await MarkerAsync(session, room, join, since.Position).ConfigureAwait(false),
                    };
                    if (await room.TryCompleteCatchUpAsync(receiver, joined).ConfigureAwait(false))
                    {
                        return;
                    }
                }
            }

            throw new HubUnavailableException("The state of a room was older than its history each time that it was loaded.");
        }
        catch (Exception exception)
        {
            room.AbandonCatchUp(receiver, wasReceiving);
            if (exception is OperationCanceledException && !node.IsStopping)
            {
                throw new HubUnavailableException("The state of a room took too long to load.", exception);
            }

            throw;
        }
    }

    private async ValueTask HistoryAsync(HubSession session, string name, HistoryQuery query, string? id)
    {
        HistoryPage page = await ReadAsync(name, query).ConfigureAwait(false);
        int maxBytes = node.Settings.MaxHistoryBytes;
        Publication[] publications = query.Since is null
            ? HistoryLimits.Newest(page.Publications, maxBytes)
            : HistoryLimits.Oldest(page.Publications, maxBytes);
        session.Answer(ServerMessages.History(name, page.Position, publications, id));
    }

    private ValueTask<HistoryPage> ReadAsync(string name, HistoryQuery query) =>
        node.Engine.Publications.ReadHistoryAsync(name, query, node.Stopping);
}
