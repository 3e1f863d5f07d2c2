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
    public ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        IdempotencyKey? key,
        ulong fingerprint,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            new EngineCall(node, room, node.OptionsOf(room), key, fingerprint),
            draft,
            static (call, draft, traceParent, cancellationToken) =>
                call.Node.Engine.Publications.PublishAsync(
                    call.Room,
                    traceParent is null ? draft : draft with { TraceParent = traceParent },
                    call.Keep(call.Settings.HistorySize, call.Settings.HistoryBytes, call.Settings.HistoryAge),
                    cancellationToken
                ),
            static result => NameOf(result.Outcome),
            cancellationToken
        );

    /// <summary>Changes a room's map, as <see cref="PublishAsync"/> publishes.</summary>
    /// <param name="room">The room's name in its one form.</param>
    /// <param name="change">The change.</param>
    /// <param name="key">By what it is recognised when it is made again; null when it need not be.</param>
    /// <param name="fingerprint">A hash of the change, for the key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<MapResult> ChangeAsync(
        string room,
        MapChange change,
        IdempotencyKey? key,
        ulong fingerprint,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            new EngineCall(node, room, node.OptionsOf(room), key, fingerprint),
            change,
            static (call, change, traceParent, cancellationToken) =>
                call.Node.Engine.Maps.ChangeAsync(
                    call.Room,
                    traceParent is null ? change : change with { TraceParent = traceParent },
                    new MapStoreOptions(
                        call.Settings.MapKeys,
                        call.Settings.MapBytes,
                        call.Keep(call.Settings.MapChanges, MapChangeBytes, call.Settings.MapChangeAge)
                    ),
                    cancellationToken
                ),
            static result => NameOf(result.Outcome),
            cancellationToken
        );

    // Calls the engine, traced and measured, when the room's members can be told more.
    private async ValueTask<TResult> CallAsync<TWhat, TResult>(
        EngineCall call,
        TWhat what,
        Func<EngineCall, TWhat, string?, CancellationToken, ValueTask<TResult>> begin,
        Func<TResult, string> nameOf,
        CancellationToken cancellationToken
    )
    {
        using Activity? span = HubTracing.BeginPublication(call.Room, call.Settings);
        TimeSpan began = node.Metrics.TimesPublications ? node.Clock.Now : MonotonicClock.Never;
        string outcome = Failed;
        try
        {
            if (rooms.Find(call.Room) is { } local)
            {
                await local.Roomy.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            ValueTask<TResult> calling;
            using (FanOutScope.Call())
            {
                calling = begin(call, what, span?.Id, cancellationToken);
            }

            TResult result = await calling.ConfigureAwait(false);
            outcome = nameOf(result);
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

    /// <summary>A call of the engine about a room.</summary>
    /// <param name="Node">This node.</param>
    /// <param name="Room">The room's name in its one form.</param>
    /// <param name="Settings">The room's options.</param>
    /// <param name="Key">By what the call is recognised when it is made again; null when it need not be.</param>
    /// <param name="Fingerprint">A hash of the content, for the key.</param>
    private readonly record struct EngineCall(NodeContext Node, string Room, RoomOptions Settings, IdempotencyKey? Key, ulong Fingerprint)
    {
        /// <summary>How much the engine keeps.</summary>
        public StoreOptions Keep(int size, int bytes, TimeSpan age) =>
            new(size, bytes, age)
            {
                IdempotencyKey = Key,
                Fingerprint = Fingerprint,
                IdempotencyAge = Node.Settings.IdempotencyAge,
            };
    }
}
