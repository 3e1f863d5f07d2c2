using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>
/// One thread and the sockets that live on it. A turn: wait for the kernel, deliver what has arrived, do the work that was posted, fire
/// the timers, close what is to be closed, send what all of these have written. The two kinds differ in how they wait, receive
/// and send; all else is here.
/// </summary>
internal abstract partial class EventLoop
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly TimeSpan _tickLength;
    private readonly SocketTimers _timers = new();
    private readonly WorkQueue _work = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The sockets that have more to receive.
    internal ReadyList Ready = new();

    private int _threadId;
    private int _sleeping;
    private bool _stopping;
    private int _socketCount;
    private long _handlerFaults;

    private protected EventLoop(int index, EventLoopOptions options, SystemCalls calls, ILogger logger)
    {
        Index = index;
        Options = options;
        Calls = calls;
        _logger = logger;
        _time = options.TimeProvider;
        _started = _time.GetTimestamp();
        _tickLength = options.TimerTick;
        WebSocketTimers = new TimerWheel(_time);
        WakeDescriptor = LibC.eventfd(0, Constants.EventFdCloseOnExec | Constants.EventFdNonBlock);
        if (WakeDescriptor < 0)
        {
            throw new SocketException((int)Errno.ToSocketError(Marshal.GetLastSystemError()));
        }
    }

    /// <summary>The loop's number in its group, from 0.</summary>
    public int Index { get; }

    /// <summary>The kind of loop.</summary>
    public abstract EventLoopKind Kind { get; }

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _threadId;

    /// <summary>How many sockets are on the loop, those that are closing included.</summary>
    public int SocketCount => Volatile.Read(ref _socketCount);

    /// <summary>How often a handler threw.</summary>
    public long HandlerFaults => Interlocked.Read(ref _handlerFaults);

    /// <summary>The timers of the WebSocket connections on this loop.</summary>
    public TimerWheel WebSocketTimers { get; }

    internal EventLoopOptions Options { get; }

    internal long MaxPendingBytes => Options.MaxPendingBytes;

    internal TimeSpan LingerTimeout => Options.LingerTimeout;

    internal Task Ended => _ended.Task;

    internal SystemCalls Calls { get; }

    private protected ILogger Logger => _logger;

    private protected int WakeDescriptor { get; }

    private protected SlotTable Sockets { get; } = new();

    /// <summary>Starts the thread and waits until the kernel gave what the loop needs; throws what went wrong where it didn't.</summary>
    internal void Start()
    {
        new Thread(Run) { IsBackground = true, Name = $"longwire-loop-{Index}" }.Start();
        _open.Task.GetAwaiter().GetResult();
    }

    private protected abstract void Open();

    private protected abstract void Shut();

    /// <summary>Sends what is corked where that takes the kernel's waiting call, waits, and delivers what has come.</summary>
    private protected abstract void Poll(int timeoutMilliseconds);

    /// <summary>Goes on with a socket that had more than its share in the last turn.</summary>
    internal abstract void ContinueReceiving(LoopSocket socket);

    /// <summary>Delivers what had come in before a send failed.</summary>
    /// <returns>False where the kernel has still to be waited for; then it is called again.</returns>
    private protected abstract bool ReceiveRest(LoopSocket socket);

    private protected abstract void SendCorks();

    /// <summary>Begins to receive, for a socket that has just got its slot.</summary>
    private protected abstract void Arm(LoopSocket socket);

    internal abstract void Pause(LoopSocket socket);

    internal abstract void Resume(LoopSocket socket);

    internal abstract void AwaitWritable(LoopSocket socket);

    /// <summary>Gives the descriptor back to the kernel, now or when its last request has ended.</summary>
    /// <returns>True where nothing refers to the slot any more.</returns>
    private protected abstract bool Release(LoopSocket socket);

    internal abstract void Listen(LoopAcceptor acceptor);

    /// <returns>True where nothing in the kernel refers to the listener any more; otherwise the acceptor is told later.</returns>
    internal abstract bool Unlisten(LoopAcceptor acceptor);

    private void Run()
    {
        _threadId = Environment.CurrentManagedThreadId;
        try
        {
            Open();
        }
        catch (Exception exception)
        {
            _ = LibC.close(WakeDescriptor);
            _open.SetException(exception);
            return;
        }

        _open.SetResult();
        while (!(_stopping && Sockets.Count == 0 && _work.IsEmpty))
        {
            try
            {
                Turn();
            }
            catch (Exception exception)
            {
                // Handlers are caught one by one; what arrives here is a fault of the loop itself. All its other sockets still count on it.
                Log.TurnFailed(_logger, Index, exception);
            }
        }

        Shut();
        _corks.Dispose();
        _ = LibC.close(WakeDescriptor);
        _ended.SetResult();
        RefuseWork();
    }

    private void Turn()
    {
        Poll(PrepareToSleep());
        RunWork();
        FireTimers();
        Ready.Continue(this);
        FinishFailed();
        FinishClosing();
        SendCorks();
        _corks.Trim(WebSocketTimers.Now);
        WebSocketTimers.Release();
    }

    /// <summary>For <see cref="Poll"/>, when it has waited: the loop is awake, and its clock stands still until the turn's end.</summary>
    private protected void WakeUp()
    {
        Volatile.Write(ref _sleeping, 0);
        WebSocketTimers.Hold();
    }

    // Says that the loop sleeps, and only then looks for work: a producer pushes first and then looks whether the loop sleeps. One of
    // the two sees the other, so no wake is lost; and none is sent to a loop that is awake.
    private int PrepareToSleep()
    {
        if (!Ready.IsEmpty || _closing.Count > 0 || _failed.Count > 0)
        {
            return 0;
        }

        int timeout = -1;
        if (_timers.Count > 0)
        {
            int tick = CurrentTick();
            timeout = (int)Math.Min(_timers.TicksUntilNext(tick) * _tickLength.TotalMilliseconds, 60_000);
        }

        if (WebSocketTimers.Count > 0)
        {
            timeout = timeout < 0 ? TimerWheel.TickMilliseconds : Math.Min(timeout, TimerWheel.TickMilliseconds);
        }

        Interlocked.Exchange(ref _sleeping, 1);
        return _work.IsEmpty ? timeout : 0;
    }

    /// <summary>Counts and logs what a handler, or a work item, has thrown.</summary>
    internal void NoteFault(Exception exception)
    {
        Interlocked.Increment(ref _handlerFaults);
        LogFault(exception);
    }

    internal void LogFault(Exception exception) => Log.HandlerFailed(_logger, Index, exception);

    private protected void CountSocket(int difference) => Volatile.Write(ref _socketCount, _socketCount + difference);
}
