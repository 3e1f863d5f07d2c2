using System.IO.Pipelines;

namespace Longwire.Hubs.Tests;

/// <summary>An event loop whose turns a test makes.</summary>
internal sealed class HandTurnedLoop : PipeScheduler
{
    private Queue<(Action<object?> Action, object? State)> _work = new();

    public override void Schedule(Action<object?> action, object? state) => _work.Enqueue((action, state));

    /// <summary>Does what was scheduled before the turn. False when there was nothing to do.</summary>
    public bool Turn()
    {
        Queue<(Action<object?> Action, object? State)> work = _work;
        _work = new();
        foreach ((Action<object?> action, object? state) in work)
        {
            action(state);
        }

        return work.Count > 0;
    }
}
