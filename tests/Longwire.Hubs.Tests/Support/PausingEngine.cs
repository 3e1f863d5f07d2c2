namespace Longwire.Hubs.Tests;

/// <summary>An engine that is away when told so, or that waits where a remote one would.</summary>
internal sealed class PausingEngine(IHubEngine inner) : IHubEngine, IPublicationStore, IPresenceStore, IUserStore, IMapStore, INodeBus
{
    private int _failures;

    /// <summary>Thrown by everything but starting, when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The one call that fails; null for all of them.</summary>
    public EngineCall? FailingCall { get; set; }

    /// <summary>How it fails.</summary>
    public EngineFault Fault { get; set; }

    /// <summary>How many calls have failed.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>When set, the next read of history waits for <see cref="ReadGate"/>, reads, and waits for this.</summary>
    public TaskCompletionSource? HistoryGate { get; set; }

    public TaskCompletionSource ReadGate { get; } = new();

    public TaskCompletionSource HistoryAsked { get; } = new();

    public TaskCompletionSource HistoryRead { get; } = new();

    /// <summary>When set, the next read of blocks reads, and waits for this.</summary>
    public TaskCompletionSource? BlocksGate { get; set; }

    public TaskCompletionSource BlocksRead { get; } = new();

    public TaskCompletionSource MapRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When set, publishing waits for it first.</summary>
    public TaskCompletionSource? PublishGate { get; set; }

    /// <summary>When set, giving up a room waits for it first.</summary>
    public TaskCompletionSource? UnsubscribeGate { get; set; }

    public TaskCompletionSource UnsubscribeAsked { get; } = new();

    public IPublicationStore Publications => this;

    public IUserStore Users => this;

    public IMapStore Maps => this;

    public IPresenceStore Presence => this;

    public ISessionStore Sessions => inner.Sessions;

    public INodeBus Nodes => this;

    public bool DeliversWithoutGaps => inner.Publications.DeliversWithoutGaps;

    public TimeSpan IdempotencyLimit => inner.Publications.IdempotencyLimit;

    public ValueTask StartAsync(IHubNode node, CancellationToken cancellationToken) => inner.StartAsync(node, cancellationToken);

    public ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken) =>
        CallAsync(EngineCall.Subscribe, () => inner.Publications.SubscribeAsync(room, cancellationToken));

    public ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken) =>
        WithoutResult(
            CallAsync(
                EngineCall.Unsubscribe,
                async () =>
                {
                    if (UnsubscribeGate is { } gate)
                    {
                        UnsubscribeAsked.TrySetResult();
                        await gate.Task;
                    }

                    await inner.Publications.UnsubscribeAsync(room, cancellationToken);
                    return true;
                }
            )
        );

    public ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        StoreOptions options,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            EngineCall.Publish,
            async () =>
            {
                if (PublishGate is { } gate)
                {
                    await gate.Task;
                }

                return await inner.Publications.PublishAsync(room, draft, options, cancellationToken);
            }
        );

    public ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken) =>
        CallAsync(
            EngineCall.ReadHistory,
            async () =>
            {
                if (HistoryGate is not { } gate)
                {
                    return await inner.Publications.ReadHistoryAsync(room, query, cancellationToken);
                }

                HistoryAsked.SetResult();
                await ReadGate.Task;
                HistoryPage page = await inner.Publications.ReadHistoryAsync(room, query, cancellationToken);
                HistoryRead.SetResult();
                await gate.Task;
                return page;
            }
        );

    public ValueTask<bool> RenewLeaseAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        inner.Presence.RenewLeaseAsync(duration, cancellationToken);

    public ValueTask<int> AddAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken) =>
        CallAsync(EngineCall.Join, () => inner.Presence.AddAsync(room, members, cancellationToken));

    public ValueTask<int> RemoveAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken) =>
        CallAsync(EngineCall.Leave, () => inner.Presence.RemoveAsync(room, members, cancellationToken));

    public ValueTask UpdateAsync(string room, RoomMember member, CancellationToken cancellationToken) =>
        inner.Presence.UpdateAsync(room, member, cancellationToken);

    public ValueTask<PresencePage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken) =>
        CallAsync(EngineCall.ReadMembers, () => inner.Presence.ReadAsync(room, after, limit, cancellationToken));

    public ValueTask<MapResult> ChangeAsync(string room, MapChange change, MapStoreOptions options, CancellationToken cancellationToken) =>
        inner.Maps.ChangeAsync(room, change, options, cancellationToken);

    public ValueTask<MapEntry?> FindAsync(string room, string key, CancellationToken cancellationToken) =>
        inner.Maps.FindAsync(room, key, cancellationToken);

    async ValueTask<MapPage> IMapStore.ReadAsync(string room, long after, int limit, CancellationToken cancellationToken)
    {
        MapPage page = await inner.Maps.ReadAsync(room, after, limit, cancellationToken);
        MapRead.TrySetResult();
        return page;
    }

    public ValueTask<ReadMarker?> MarkReadAsync(string room, string userId, RoomPosition position, CancellationToken cancellationToken) =>
        inner.Users.MarkReadAsync(room, userId, position, cancellationToken);

    public ValueTask<ReadMarker> FindMarkerAsync(string room, string userId, long upTo, CancellationToken cancellationToken) =>
        inner.Users.FindMarkerAsync(room, userId, upTo, cancellationToken);

    public ValueTask<AccessBlock> BlockAsync(AccessBlock block, CancellationToken cancellationToken) =>
        inner.Users.BlockAsync(block, cancellationToken);

    public ValueTask<IReadOnlyList<AccessBlock>> ReadBlocksAsync(long after, int limit, CancellationToken cancellationToken) =>
        CallAsync(
            EngineCall.ReadBlocks,
            async () =>
            {
                TaskCompletionSource? gate = BlocksGate;
                BlocksGate = null;
                IReadOnlyList<AccessBlock> page = await inner.Users.ReadBlocksAsync(after, limit, cancellationToken);
                if (gate is not null)
                {
                    BlocksRead.SetResult();
                    await gate.Task;
                }

                return page;
            }
        );

    public ValueTask BroadcastAsync(NodeCommand command, CancellationToken cancellationToken) =>
        WithoutResult(
            CallAsync(
                EngineCall.Command,
                async () =>
                {
                    await inner.Nodes.BroadcastAsync(command, cancellationToken);
                    return true;
                }
            )
        );

    public ValueTask SendAsync(string node, NodeCommand command, CancellationToken cancellationToken) =>
        inner.Nodes.SendAsync(node, command, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> AskAsync(string node, NodeQuestion question, CancellationToken cancellationToken) =>
        inner.Nodes.AskAsync(node, question, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private ValueTask<T> CallAsync<T>(EngineCall call, Func<ValueTask<T>> callInner)
    {
        if (Failure is not { } failure || (FailingCall is { } failing && failing != call))
        {
            return callInner();
        }

        Interlocked.Increment(ref _failures);
        return Fault switch
        {
            EngineFault.Throws => throw failure,
            EngineFault.IsCancelled => ValueTask.FromCanceled<T>(new CancellationToken(canceled: true)),
            EngineFault.FailsAfterwards => FailAfterwardsAsync(callInner, failure),
            _ => FailLaterAsync<T>(failure),
        };
    }

    private static async ValueTask WithoutResult(ValueTask<bool> call) => await call;

    private static async ValueTask<T> FailLaterAsync<T>(Exception failure)
    {
        await Task.Yield();
        throw failure;
    }

    private static async ValueTask<T> FailAfterwardsAsync<T>(Func<ValueTask<T>> callInner, Exception failure)
    {
        await callInner();
        throw failure;
    }
}
