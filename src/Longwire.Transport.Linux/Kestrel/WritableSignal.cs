using System.Threading.Tasks.Sources;

namespace Longwire.Transport.Linux;

/// <summary>
/// Waits on the loop for something that happens on the loop: no locks, and the continuation runs within <see cref="Set"/>. Set without
/// anyone waiting is forgotten, so check before you wait.
/// </summary>
internal sealed class WritableSignal : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;
    private bool _waiting;

    public ValueTask WaitAsync()
    {
        _core.Reset();
        _waiting = true;
        return new ValueTask(this, _core.Version);
    }

    public void Set()
    {
        if (!_waiting)
        {
            return;
        }

        _waiting = false;
        _core.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
