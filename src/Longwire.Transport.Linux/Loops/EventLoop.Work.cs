using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux;

internal abstract partial class EventLoop
{
    // Outgoing connections leave so many descriptors to the runtime, which can't go on without any descriptor.
    private const int DescriptorReserve = 16;

    private LoopPipeScheduler? _scheduler;

    /// <summary>Runs the continuations of pipes on this loop; always the same, whichever thread asks first.</summary>
    internal PipeScheduler Scheduler =>
        _scheduler ?? Interlocked.CompareExchange(ref _scheduler, new LoopPipeScheduler(this), null) ?? _scheduler;

    /// <summary>From any thread: has the loop run the item. A loop that sleeps is woken, once for a batch.</summary>
    public unsafe void Post(LoopWorkItem item)
    {
        _work.Push(item);
        if (Volatile.Read(ref _sleeping) == 1 && Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            long one = 1;
            _ = LibC.write(WakeDescriptor, &one, sizeof(long));
        }
    }

    /// <summary>
    /// From any thread: has the loop call the action. It allocates a small object; what is posted often is better a
    /// <see cref="LoopWorkItem"/>.
    /// </summary>
    public void Post(Action<object?> action, object? state) => Post(new ActionWorkItem(action, state));

    /// <summary>From any thread: puts a connected socket on this loop. The descriptor belongs to the loop from here on.</summary>
    internal LoopSocket Adopt(int descriptor, LoopSocketHandler handler)
    {
        var socket = new LoopSocket(this, descriptor, handler);
        if (IsCurrent)
        {
            Attach(socket);
        }
        else
        {
            Post(static state => ((LoopSocket)state!).Loop.Attach((LoopSocket)state), socket);
        }

        return socket;
    }

    /// <summary>Has the loop end: its sockets' handlers are told, and the thread ends with the last socket.</summary>
    internal void Stop() => Post(static state => ((EventLoop)state!).BeginStopping(), this);

    /// <summary>Aborts every socket that is left.</summary>
    internal void AbortAll() => Post(static state => ((EventLoop)state!).AbortSockets(), this);

    internal void SetTimer(int slot, TimeSpan due)
    {
        if (slot < 0)
        {
            return;
        }

        double ticks = Math.Ceiling(due / _tickLength);
        _timers.Set(slot, CurrentTick() + (int)Math.Clamp(ticks, 0, int.MaxValue / 2) + 1);
    }

    internal void ClearTimer(int slot)
    {
        if (slot >= 0)
        {
            _timers.Clear(slot);
        }
    }

    private protected void Attach(LoopSocket socket)
    {
        if (!TryAdd(socket))
        {
            return;
        }

        Delivery.Attached(socket);
        if ((socket.Flags & SocketFlags.Closed) == 0)
        {
            Arm(socket);
        }
    }

    private void RunWork()
    {
        LoopWorkItem? item = _work.TakeAll();
        while (item is not null)
        {
            LoopWorkItem? next = item.NextItem;
            item.NextItem = null;
            try
            {
                item.Execute();
            }
            catch (Exception exception)
            {
                Interlocked.Increment(ref _handlerFaults);
                Log.WorkFailed(_logger, Index, exception);
            }

            item = next;
        }
    }

    private void FireTimers()
    {
        WebSocketTimers.Advance();
        if (_timers.Count == 0)
        {
            return;
        }

        int tick = CurrentTick();
        while (_timers.TryTakeDue(tick, out int slot))
        {
            if (Sockets[slot] is not { } socket || (socket.Flags & SocketFlags.Closed) != 0)
            {
                continue;
            }

            if ((socket.Flags & SocketFlags.Closing) != 0)
            {
                socket.OnLingerEnded();
            }
            else
            {
                Delivery.Timer(socket);
            }
        }
    }

    private int CurrentTick() => 1 + (int)(_time.GetElapsedTime(_started).Ticks / _tickLength.Ticks);

    private void BeginStopping()
    {
        _stopping = true;
        for (int slot = 0; slot < Sockets.End; slot++)
        {
            if (Sockets[slot] is { } socket && !socket.IsClosed)
            {
                Delivery.Stopping(socket);
            }
        }
    }

    private void AbortSockets()
    {
        for (int slot = 0; slot < Sockets.End; slot++)
        {
            Sockets[slot]?.Abort();
        }
    }

    /// <summary>
    /// Opens a TCP connection, or one to a Unix socket, on this loop. From any thread; nothing waits but the kernel. The handler's
    /// OnAttached is called on the loop when the connection is open, before anything is received and before the task completes.
    /// </summary>
    /// <param name="endPoint">The peer: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="handler">The socket's handler. It hears nothing of an attempt that fails.</param>
    /// <param name="options">The time-out and this side's address; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a socket that is connected.</param>
    /// <exception cref="SocketException">
    /// It could not be opened: <see cref="SocketError.ConnectionRefused"/>, <see cref="SocketError.TimedOut"/>,
    /// <see cref="SocketError.TooManyOpenSockets"/> where descriptors have run out, <see cref="SocketError.AddressNotAvailable"/> where
    /// local ports have,
    /// <see cref="SocketError.OperationAborted"/> where the loop ends.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    public Task<LoopSocket> ConnectAsync(
        EndPoint endPoint,
        LoopSocketHandler handler,
        LoopConnectOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(handler);
        if (endPoint is not (IPEndPoint or UnixDomainSocketEndPoint))
        {
            throw new ArgumentException(
                "A loop connects to IP addresses and Unix sockets; names have to be looked up before.",
                nameof(endPoint)
            );
        }

        var attempt = new ConnectAttempt(this, endPoint, handler, options ?? LoopConnectOptions.Default, cancellationToken);
        attempt.Begin();
        // If the item was queued behind the loop's last look at its work, nothing else would ever complete this task.
        if (_ended.Task.IsCompleted)
        {
            attempt.Refuse();
        }

        return attempt.Task;
    }

    /// <summary>Opens a socket that can be put on this loop; the descriptor, or the error number negated.</summary>
    internal int OpenSocket(int family)
    {
        int descriptor = Calls.OpenSocket(family, nonBlocking: Kind == EventLoopKind.Epoll);
        if (descriptor < 0)
        {
            return descriptor;
        }

        int limit = Descriptor.Limit();
        if (descriptor < limit - Math.Min(DescriptorReserve, limit / 8))
        {
            return descriptor;
        }

        _ = LibC.close(descriptor);
        return -Errno.TooManyFiles;
    }

    // A loop that stops takes none: the socket is aborted.
    private bool TryAdd(LoopSocket socket)
    {
        socket.Slot = Sockets.Add(socket);
        socket.Flags |= SocketFlags.Attached;
        CountSocket(1);
        if (_stopping)
        {
            socket.Abort();
        }

        return !_stopping;
    }

    /// <summary>Puts a socket on the loop and has the kernel connect it.</summary>
    internal void BeginConnect(LoopSocket socket, ConnectAttempt attempt)
    {
        if (!TryAdd(socket))
        {
            return;
        }

        socket.SetTimer(attempt.Timeout);
        Connect(socket, attempt);
    }

    /// <summary>Asks the kernel to connect; <see cref="Connected"/> or <see cref="BeginClose"/> follows.</summary>
    private protected abstract void Connect(LoopSocket socket, ConnectAttempt attempt);

    /// <summary>The kernel has connected the socket: from here on it is its handler's. The loop receives for it next.</summary>
    private protected void Connected(LoopSocket socket)
    {
        var attempt = (ConnectAttempt)socket.State!;
        socket.State = null;
        socket.ClearTimer();
        socket.Handler = attempt.Handler;
        Delivery.Attached(socket);
        attempt.Succeed(socket);
    }

    private void RefuseWork()
    {
        for (LoopWorkItem? item = _work.TakeAll(); item is not null; item = item.NextItem)
        {
            item.Refuse();
        }
    }
}
