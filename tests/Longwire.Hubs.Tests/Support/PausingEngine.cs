namespace Longwire.Hubs.Tests;

/// <summary>An engine that is away when told so, or that waits where a remote one would.</summary>
internal sealed class PausingEngine(IHubEngine inner) : IHubEngine
{
    /// <summary>Thrown by everything but starting, when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>When set, the next read of history waits for <see cref="ReadGate"/>, reads, and waits for this.</summary>
    public TaskCompletionSource? HistoryGate { get; set; }

    public TaskCompletionSource ReadGate { get; } = new();

    public TaskCompletionSource HistoryAsked { get; } = new();

    public TaskCompletionSource HistoryRead { get; } = new();

    /// <summary>When set, publishing waits for it first.</summary>
    public TaskCompletionSource? PublishGate { get; set; }

    /// <summary>When set, giving up a room waits for it first.</summary>
    public TaskCompletionSource? UnsubscribeGate { get; set; }

    public TaskCompletionSource UnsubscribeAsked { get; } = new();

    public ValueTask StartAsync(IHubEngineReceiver receiver, CancellationToken cancellationToken) =>
        inner.StartAsync(receiver, cancellationToken);

    public ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken) =>
        Failure is null ? inner.SubscribeAsync(room, cancellationToken) : throw Failure;

    public async ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken)
    {
        if (UnsubscribeGate is { } gate)
        {
            UnsubscribeAsked.TrySetResult();
            await gate.Task;
        }

        await inner.UnsubscribeAsync(room, cancellationToken);
    }

    public async ValueTask<RoomPosition> PublishAsync(string room, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (PublishGate is { } gate)
        {
            await gate.Task;
        }

        return Failure is null ? await inner.PublishAsync(room, json, cancellationToken) : throw Failure;
    }

    public async ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        if (HistoryGate is not { } gate)
        {
            return await inner.ReadHistoryAsync(room, query, cancellationToken);
        }

        HistoryAsked.SetResult();
        await ReadGate.Task;
        HistoryPage page = await inner.ReadHistoryAsync(room, query, cancellationToken);
        HistoryRead.SetResult();
        await gate.Task;
        return page;
    }

    public ValueTask<int> JoinAsync(string room, RoomMember member, CancellationToken cancellationToken) =>
        Failure is null ? inner.JoinAsync(room, member, cancellationToken) : throw Failure;

    public ValueTask<int> LeaveAsync(string room, RoomMember member, CancellationToken cancellationToken) =>
        Failure is null ? inner.LeaveAsync(room, member, cancellationToken) : throw Failure;

    public ValueTask<IReadOnlyList<RoomMember>> ReadMembersAsync(string room, int limit, CancellationToken cancellationToken) =>
        Failure is null ? inner.ReadMembersAsync(room, limit, cancellationToken) : throw Failure;

    public ValueTask SignalAsync(HubSignal signal, CancellationToken cancellationToken) =>
        Failure is null ? inner.SignalAsync(signal, cancellationToken) : throw Failure;

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
