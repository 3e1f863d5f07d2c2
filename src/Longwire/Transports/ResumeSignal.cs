using System.Threading.Tasks.Sources;

namespace Longwire;

/// <summary>A signal that one receive loop waits for. Set before the wait, it is remembered; set twice, it counts once.</summary>
internal sealed class ResumeSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
        {
            _source.SetResult(true);
        }
    }

    public ValueTask WaitAsync()
    {
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Signalled)
        {
            Interlocked.Exchange(ref _state, Idle);
            return default;
        }

        return new ValueTask(this, _source.Version);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        // A full barrier: what was changed before a signal that this one swallows must be seen by what follows.
        Interlocked.Exchange(ref _state, Idle);
        _source.GetResult(token);
    }
}
