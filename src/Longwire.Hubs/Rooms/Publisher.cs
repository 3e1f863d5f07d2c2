using System.Diagnostics;

namespace Longwire.Hubs;

/// <summary>Publishes in rooms of this and other nodes.</summary>
internal sealed class Publisher(NodeContext node, RoomRegistry rooms)
{
    /// <summary>How many bytes of the changes of a map are kept.</summary>
    private const int MapChangeBytes = 4 * 1024 * 1024;

    private const string Failed = "failed";

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
        using Activity? span = HubTracing.BeginPublication(room, settings);
        if (span is not null)
        {
            draft = draft with { TraceParent = span.Id };
        }

        var options = new StoreOptions(settings.HistorySize, settings.HistoryBytes, settings.HistoryAge)
        {
            IdempotencyKey = key,
            Fingerprint = fingerprint,
            IdempotencyAge = node.Settings.IdempotencyAge,
        };
        TimeSpan began = node.Metrics.TimesPublications ? node.Clock.Now : MonotonicClock.Never;
        string outcome = Failed;
        try
        {
            if (rooms.Find(room) is { } local)
            {
                await local.Roomy.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            ValueTask<PublishResult> publishing;
            using (FanOutScope.Call())
            {
                publishing = node.Engine.Publications.PublishAsync(room, draft, options, cancellationToken);
            }

            PublishResult result = await publishing.ConfigureAwait(false);
            outcome = NameOf(result.Outcome);
            return result;
        }
        finally
        {
            End(span, began, outcome);
        }
    }

    /// <summary>Changes a room's map, as <see cref="PublishAsync"/> publishes.</summary>
    /// <param name="room">The room's name in its one form.</param>
    /// <param name="change">The change.</param>
    /// <param name="key">By what it is recognised when it is made again; null when it need not be.</param>
    /// <param name="fingerprint">A hash of the change, for the key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<MapResult> ChangeAsync(
        string room,
        MapChange change,
        IdempotencyKey? key,
        ulong fingerprint,
        CancellationToken cancellationToken
    )
    {
        RoomOptions settings = node.OptionsOf(room);
        using Activity? span = HubTracing.BeginPublication(room, settings);
        if (span is not null)
        {
            change = change with { TraceParent = span.Id };
        }

        var kept = new StoreOptions(settings.MapChanges, MapChangeBytes, settings.MapChangeAge)
        {
            IdempotencyKey = key,
            Fingerprint = fingerprint,
            IdempotencyAge = node.Settings.IdempotencyAge,
        };
        TimeSpan began = node.Metrics.TimesPublications ? node.Clock.Now : MonotonicClock.Never;
        string outcome = Failed;
        try
        {
            if (rooms.Find(room) is { } local)
            {
                await local.Roomy.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            ValueTask<MapResult> changing;
            using (FanOutScope.Call())
            {
                var options = new MapStoreOptions(settings.MapKeys, settings.MapBytes, kept);
                changing = node.Engine.Maps.ChangeAsync(room, change, options, cancellationToken);
            }

            MapResult result = await changing.ConfigureAwait(false);
            outcome = NameOf(result.Outcome);
            return result;
        }
        finally
        {
            End(span, began, outcome);
        }
    }

    private void End(Activity? span, TimeSpan began, string outcome)
    {
        if (began != MonotonicClock.Never)
        {
            node.Metrics.Published(node.Clock.Now - began, outcome);
        }

        if (outcome == Failed)
        {
            HubTracing.Fail(span, outcome);
        }
    }

    private static string NameOf(PublishOutcome outcome) =>
        outcome switch
        {
            PublishOutcome.Published => "published",
            PublishOutcome.Repeated => "repeated",
            PublishOutcome.Stale => "stale",
            _ => "id-reused",
        };

    private static string NameOf(MapOutcome outcome) =>
        outcome switch
        {
            MapOutcome.Changed => "published",
            MapOutcome.Unchanged => "unchanged",
            MapOutcome.Repeated => "repeated",
            MapOutcome.Conflict => "conflict",
            MapOutcome.Full => "full",
            _ => "id-reused",
        };

    /// <summary>Sends a command to all nodes.</summary>
    public async ValueTask SendAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        using Activity? span = HubTracing.IsOn ? BeginSending(ref command) : null;
        try
        {
            ValueTask sending;
            using (FanOutScope.Call())
            {
                sending = node.Engine.Nodes.BroadcastAsync(command, cancellationToken);
            }

            await sending.ConfigureAwait(false);
        }
        catch
        {
            HubTracing.Fail(span, Failed);
            throw;
        }
    }

    /// <summary>Begins the span of a command's message; null for one that has none.</summary>
    private Activity? BeginSending(ref NodeCommand command)
    {
        string room = command.Target switch
        {
            NodeCommandTarget.All => RoomNames.All,
            NodeCommandTarget.User => RoomNames.OfUser(command.Name),
            NodeCommandTarget.Session => HubTracing.OneSession,
            _ => command.Name,
        };
        Activity? span = command.Message is null ? null : HubTracing.BeginSending(room, node.OptionsOf(room));
        if (span is not null)
        {
            command = command with { Message = command.Message! with { TraceParent = span.Id } };
        }

        return span;
    }
}
