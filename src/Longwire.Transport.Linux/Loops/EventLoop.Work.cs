using System.IO.Pipelines;

namespace Longwire.Transport.Linux;

internal abstract partial class EventLoop
{
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
        socket.Slot = Sockets.Add(socket);
        socket.Flags |= SocketFlags.Attached;
        CountSocket(1);
        if (_stopping)
        {
            socket.Abort();
            return;
        }

        DeliverAttached(socket);
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
                CountFault();
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
                DeliverTimer(socket);
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
                DeliverStopping(socket);
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
}
