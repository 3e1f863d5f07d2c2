namespace Longwire.Hubs;

/// <summary>Publishes in rooms of this and other nodes.</summary>
internal sealed class Publisher(NodeContext node, RoomRegistry rooms)
{
    /// <summary>
    /// Publishes, and returns when the engine has it. The members are told by then or soon after. Where they can't be told as fast as
    /// is published, the caller waits.
    /// </summary>
    /// <param name="room">The room's name in its one form.</param>
    /// <param name="draft">The publication.</param>
    /// <param name="key">By what it is recognised when it is published again; null when it need not be.</param>
    /// <param name="fingerprint">A hash of the content, for the key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        IdempotencyKey? key,
        ulong fingerprint,
        CancellationToken cancellationToken
    )
    {
        RoomOptions settings = node.OptionsOf(room);
        var options = new StoreOptions(settings.HistorySize, settings.HistoryBytes, settings.HistoryAge)
        {
            IdempotencyKey = key,
            Fingerprint = fingerprint,
            IdempotencyAge = node.Settings.IdempotencyAge,
        };
        if (rooms.Find(room) is { } local)
        {
            await local.Roomy.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        ValueTask<PublishResult> publishing;
        using (FanOutScope.Call())
        {
            publishing = node.Engine.Publications.PublishAsync(room, draft, options, cancellationToken);
        }

        return await publishing.ConfigureAwait(false);
    }

    /// <summary>Sends a command to all nodes.</summary>
    public async ValueTask SendAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        ValueTask sending;
        using (FanOutScope.Call())
        {
            sending = node.Engine.Nodes.BroadcastAsync(command, cancellationToken);
        }

        await sending.ConfigureAwait(false);
    }
}
