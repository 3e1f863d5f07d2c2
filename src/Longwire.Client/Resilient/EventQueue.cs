namespace Longwire.Client;

/// <summary>
/// Calls event handlers one after the other, in the order of the events, never inside of the call that caused them. Thread safe.
/// </summary>
internal sealed class EventQueue(Action<Exception> failed) : IThreadPoolWorkItem
{
    private readonly Queue<Action> _waiting = new();
    private bool _isRunning;

    public void Add(Action raise)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(raise);
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            Action raise;
            lock (_waiting)
            {
                if (!_waiting.TryDequeue(out raise!))
                {
                    _isRunning = false;
                    return;
                }
            }

            try
            {
                raise();
            }
            catch (Exception exception)
            {
                // An event handler's fault is no reason to lose the connection, or the events that follow.
                failed(exception);
            }
        }
    }
}
