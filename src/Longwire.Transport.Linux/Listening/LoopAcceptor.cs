using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>
/// A listening socket on one loop. When descriptors run out it stops accepting (a ready listener would have the loop spin), says so, and
/// looks again after a while; meanwhile clients wait in the kernel's backlog. It stops a little before the last one: without any
/// left the runtime itself can't go on (the garbage collector reads its limits from files, and ends the process where it can't).
/// </summary>
internal sealed class LoopAcceptor : IDisposable
{
    // As many as a backlog may hold by default.
    private const int FarBelow = 4096;

    // A shortage is over when accepting was not paused for so many pauses' time. Connections that come and go at the limit
    // make room for one another, and that is no end of it.
    private const int SettlingPauses = 4;

    private readonly EventLoop _loop;
    private readonly Action<int> _accepted;
    private readonly ILogger _logger;
    private readonly ITimer _resume;
    private readonly TaskCompletionSource _unlistened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _limit;
    private int _headroom;
    private int _last; // the descriptor that was given out last, or would be next
    private bool _paused;
    private bool _wasPaused;
    private bool _ended;

    /// <param name="loop">The loop that accepts.</param>
    /// <param name="descriptor">The listening socket; blocking for io_uring, non-blocking for epoll. It stays the caller's.</param>
    /// <param name="accepted">Takes each accepted descriptor, on the loop's thread.</param>
    /// <param name="logger">The log.</param>
    public LoopAcceptor(EventLoop loop, int descriptor, Action<int> accepted, ILogger logger)
    {
        _loop = loop;
        FileDescriptor = descriptor;
        _accepted = accepted;
        _logger = logger;
        _resume = loop.Options.TimeProvider.CreateTimer(
            static state => ((LoopAcceptor)state!).PostResume(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        FindLimit();
    }

    public int FileDescriptor { get; }

    /// <summary>How often accepting was paused for want of descriptors.</summary>
    public int Pauses { get; private set; }

    /// <summary>True while more connections may be accepted without looking at each than the backlog could hold.</summary>
    public bool IsFarFromLimit => _last < _limit - _headroom - FarBelow;

    /// <summary>Begins to accept; completes when the loop has begun.</summary>
    public Task StartAsync()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(
            _ =>
            {
                try
                {
                    _loop.Listen(this);
                    started.SetResult();
                }
                catch (Exception exception)
                {
                    started.SetException(exception);
                }
            },
            null
        );
        return started.Task;
    }

    /// <summary>Accepts no more; when this completes, nothing refers to the listening socket.</summary>
    public Task StopAsync()
    {
        _loop.Post(
            _ =>
            {
                if (_ended)
                {
                    return;
                }

                _ended = true;
                if (_loop.Unlisten(this))
                {
                    OnUnlistened();
                }
            },
            null
        );
        // A loop that has ended has let go of everything, and does no more work.
        return Task.WhenAny(_unlistened.Task, _loop.Ended);
    }

    /// <summary>Accepts what is there, at most so many (epoll).</summary>
    public void Accept(SystemCalls calls, int maximum)
    {
        for (int i = 0; i < maximum; i++)
        {
            int result = calls.Accept(FileDescriptor);
            if (result == -Errno.Again)
            {
                return;
            }

            if (!OnAccepted(result))
            {
                _ = _loop.Unlisten(this);
                return;
            }
        }
    }

    /// <summary>Takes the result of one accept; false where accepting has to end, for a while or for good.</summary>
    public bool OnAccepted(int result)
    {
        if (result >= 0)
        {
            _last = result;
            Take(result);
            if (result >= _limit - _headroom)
            {
                Pause(Errno.TooManyFiles);
            }

            return !_paused;
        }

        int error = -result;
        if (Errno.IsExhaustion(error))
        {
            Pause(error);
            return false;
        }

        // A connection that was reset while it waited (ECONNABORTED, and what accept(2) lists of TCP's own errors) concerns that one only.
        if (_ended)
        {
            return false;
        }

        if (error is not (Errno.Interrupted or Errno.Again or Errno.Canceled))
        {
            Log.AcceptFailed(_logger, _loop.Index, Errno.ToSocketError(error), error);
        }

        return error is not (9 or 22 or 88 or 95);
    }

    /// <summary>The kernel has let go of the listening socket; for good, or only while accepting is paused.</summary>
    public void OnUnlistened()
    {
        if (_ended)
        {
            _unlistened.TrySetResult();
        }
    }

    public void Dispose() => _resume.Dispose();

    private void Take(int descriptor)
    {
        if (_ended)
        {
            _ = LibC.close(descriptor);
            return;
        }

        try
        {
            _accepted(descriptor);
        }
        catch (Exception exception)
        {
            _ = LibC.close(descriptor);
            Log.WorkFailed(_logger, _loop.Index, exception);
        }
    }

    private void FindLimit()
    {
        _limit = Descriptor.Limit();
        _headroom = Math.Min(_loop.Options.DescriptorHeadroom, _limit / 4);
        _last = Descriptor.Next();
    }

    private void Pause(int error)
    {
        if (_paused || _ended)
        {
            return;
        }

        _paused = true;
        // One line for one shortage, however often it is tried meanwhile.
        if (!_wasPaused)
        {
            Log.AcceptPaused(_logger, _loop.Index, Errno.ToSocketError(error), _loop.Options.AcceptPause);
        }

        _wasPaused = true;
        Pauses++;
        _resume.Change(_loop.Options.AcceptPause, Timeout.InfiniteTimeSpan);
    }

    private void PostResume() => _loop.Post(static state => ((LoopAcceptor)state!).Resume(), this);

    private void Resume()
    {
        if (_ended)
        {
            return;
        }

        if (!_paused)
        {
            _wasPaused = false;
            Log.AcceptResumed(_logger, _loop.Index);
            return;
        }

        FindLimit();
        if (_last >= _limit - _headroom)
        {
            Pauses++;
            _resume.Change(_loop.Options.AcceptPause, Timeout.InfiniteTimeSpan);
            return;
        }

        _paused = false;
        _resume.Change(SettlingPauses * _loop.Options.AcceptPause, Timeout.InfiniteTimeSpan);
        _loop.Listen(this);
    }
}
