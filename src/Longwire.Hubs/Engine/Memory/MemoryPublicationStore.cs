namespace Longwire.Hubs.Engines;

/// <summary>Publications, as one node sees them.</summary>
internal sealed class MemoryPublicationStore(MemoryHubStore store, MemoryLink link) : IPublicationStore
{
    // Only tests cut links, and they ask for the verification by healing them.
    public bool DeliversWithoutGaps => true;

    public bool TellsOfUsers => true;

    public TimeSpan IdempotencyLimit => store.Keys.Limit;

    public async ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room, isSubscribing: true);
        entered.Room.IdleStamp++;
        if (!entered.Room.Subscribers.Contains(link))
        {
            entered.Room.Subscribers = entered.Room.Subscribers.Length == 0 ? link.Alone : [.. entered.Room.Subscribers, link];
        }

        return entered.Room.Position;
    }

    public async ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using (MemoryHubStore.Entered entered = store.Enter(room))
        {
            MemoryPresenceStore.Remove(store, entered.Room, entered.Room.Presence?.MembersOf(link).ToArray() ?? [], link);
            entered.Room.Subscribers = [.. entered.Room.Subscribers.Where(node => node != link)];
            if (entered.Room.Subscribers.Length == 0)
            {
                if (entered.Room.Presence is { Count: 0 })
                {
                    entered.Room.ForgetPresence(store.Versions);
                }

                store.Idle(entered.Room, entered.Room.History?.LongestAge(store.Clock.Now) ?? TimeSpan.Zero);
            }
        }

        store.ForgetIdleRooms();
    }

    public ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        StoreOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(draft);
        return link.IsOpen ? new(store.Publish(room, draft, options)) : PublishLaterAsync(room, draft, options, cancellationToken);
    }

    public async ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Read(room, query);
    }

    private async ValueTask<PublishResult> PublishLaterAsync(
        string room,
        PublicationDraft draft,
        StoreOptions options,
        CancellationToken cancellationToken
    )
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Publish(room, draft, options);
    }
}
