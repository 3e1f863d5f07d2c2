namespace Longwire.Hubs;

/// <summary>
/// Those who wait for a room to reach a position that was read from the engine before the room was told of it. The room's lock guards it.
/// </summary>
internal sealed class PositionWaits
{
    private readonly List<(RoomPosition Position, TaskCompletionSource<bool> Reached)> _waits = [];

    public bool IsEmpty => _waits.Count == 0;

    /// <summary>Completes when the room is there; false when it has to be read again.</summary>
    public Task<bool> Add(RoomPosition position)
    {
        var reached = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits.Add((position, reached));
        return reached.Task;
    }

    /// <summary>The room has reached a position: those who wait for it, or for another publication of the same offset, go on.</summary>
    public void Reach(RoomPosition position)
    {
        for (int index = _waits.Count - 1; index >= 0; index--)
        {
            (RoomPosition awaited, TaskCompletionSource<bool> reached) = _waits[index];
            if (awaited.Epoch == position.Epoch && awaited.Offset == position.Offset)
            {
                _waits.RemoveAt(index);
                reached.SetResult(awaited.Tag == position.Tag);
            }
        }
    }

    /// <summary>All who wait have to read again.</summary>
    public void ReadAgain()
    {
        _waits.ForEach(static waiting => waiting.Reached.SetResult(false));
        _waits.Clear();
    }

    /// <summary>The engine can't be asked: all who wait fail.</summary>
    public void Fail(Exception exception)
    {
        _waits.ForEach(waiting => waiting.Reached.SetException(exception));
        _waits.Clear();
    }
}
