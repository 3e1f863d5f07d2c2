namespace Longwire.Hubs;

/// <content>Waiting for the room to reach a position that was read from the engine before the node was told of it.</content>
public sealed partial class Room
{
    private List<(RoomPosition Position, TaskCompletionSource<bool> Reached)>? _awaited;

    /// <summary>
    /// Completes when a member has been told everything up to a position that was read from the engine. False when that is lost, or the
    /// engine was away since: it has to be read again.
    /// </summary>
    /// <param name="receiver">The member.</param>
    /// <param name="position">The position.</param>
    /// <param name="verification">The room's verification before it was read.</param>
    /// <exception cref="HubUnavailableException">Nobody tells the room, and the engine does not when it is asked.</exception>
    internal async ValueTask<bool> TryReachAsync(Receiver receiver, RoomPosition position, int verification)
    {
        Task<bool> reached;
        lock (_fanOut)
        {
            reached = _verification != verification ? Task.FromResult(false) : ReachAsync(position);
        }

        if (!await reached.WaitAsync(_node.Stopping).ConfigureAwait(false))
        {
            return false;
        }

        TaskCompletionSource told = NewSource();
        Enqueue(new LaneItem(LaneItemKind.Reach) { Receiver = receiver, Done = told });
        await told.Task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Called under the room's lock.</summary>
    private Task<bool> ReachAsync(RoomPosition position)
    {
        if (position.Epoch == _position.Epoch && position.Offset <= _position.Offset)
        {
            return Task.FromResult(position.IsPartOf(_position));
        }

        var reached = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        (_awaited ??= []).Add((position, reached));
        return reached.Task;
    }

    /// <summary>The room is where it is awaited, or where something else is that took the same offset.</summary>
    private void EndWaitsAt(RoomPosition position)
    {
        if (_awaited is null)
        {
            return;
        }

        foreach ((RoomPosition awaited, TaskCompletionSource<bool> reached) in _awaited)
        {
            if (awaited.Epoch == position.Epoch && awaited.Offset == position.Offset)
            {
                reached.SetResult(awaited.Tag == position.Tag);
            }
        }

        _awaited.RemoveAll(static waiting => waiting.Reached.Task.IsCompleted);
        _awaited = _awaited.Count == 0 ? null : _awaited;
    }

    private void EndWaits(Action<TaskCompletionSource<bool>> end)
    {
        foreach ((RoomPosition _, TaskCompletionSource<bool> reached) in _awaited ?? [])
        {
            end(reached);
        }

        _awaited = null;
    }
}
