using System.Runtime.CompilerServices;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// The sending half of a connection: frames go into the transport's output while that is free, else messages are queued. One message may
/// be open, sent in fragments as it is written; control frames go between its fragments, other messages are held until it ends
/// (RFC 6455 §5.4: the fragments of messages don't mix). Mutable: keep it in a field, don't copy it.
/// </summary>
/// <remarks>
/// Guarded by the connection's send lock, but for what <see cref="FrameOutput"/> says. It knows nothing of closing: the connection asks
/// before whether anything may be sent. <see cref="FindBrokenInvariant"/> says what holds whenever the lock is left.
/// </remarks>
internal struct SendHalf
{
    private SendQueue? _queue;
    private SendBacklog? _backlog;
    private FrameOutput _output;

    /// <summary>Whether a flush is under way, or the connection is not started yet.</summary>
    public readonly bool IsFlushing => _output.IsFlushing;

    /// <summary>Whether a thread works through a read.</summary>
    public readonly bool IsReading => _output.IsReading;

    /// <summary>Whether something waits that the transport has not taken yet.</summary>
    public readonly bool IsLeaving => _output.IsFlushing || _output.HasBytes || !IsQueueEmpty;

    /// <summary>Payload bytes that wait.</summary>
    public readonly long WaitingBytes => (_queue?.Bytes ?? 0) + (Held?.Bytes ?? 0);

    /// <summary>The memory that is held for what waits.</summary>
    public readonly long HeldBytes => (_queue?.HeldBytes ?? 0) + (Held?.HeldBytes ?? 0);

    /// <summary>Whether messages have been queued or held lately.</summary>
    public readonly bool HasQueue => _queue is not null || _backlog is not null;

    /// <summary>Whether senders may wait, or a message has been open.</summary>
    public readonly bool HasBacklog => _backlog is not null;

    private readonly bool IsQueueEmpty => _queue is null or { IsEmpty: true };

    private readonly WebSocketWriteStream? OpenMessage => _backlog?.OpenMessage;

    private readonly SendQueue? Held => _backlog?.Held;

    /// <summary>Whether what is sent waits for the connection's start.</summary>
    public readonly bool IsHeld => _output.Owner == OutputOwner.Held;

    /// <summary>Has what is sent wait until the connection is started, which ends this as it ends a flush.</summary>
    public void Hold() => _output.Hold();

    /// <summary>This thread begins to work through a read: what is sent meanwhile leaves in one flush.</summary>
    /// <param name="plain">Whether frames may be sent, neither masked nor compressed.</param>
    public void BeginRead(bool plain) => _output.BeginRead(plain && _backlog is null && IsQueueEmpty);

    /// <summary>This thread has worked through its read.</summary>
    /// <param name="to">Where to write.</param>
    /// <param name="left">Whether all that was sent has left by itself.</param>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    public bool EndRead(in SendTarget to, out bool left)
    {
        left = false;
        _output.EndRead(to.Transport);
        if (!_output.IsFlushing && !IsQueueEmpty)
        {
            // Messages that other threads have sent meanwhile.
            _output.Drain(to, _queue!);
        }

        if (_output.IsFlushing || !_output.HasBytes)
        {
            return false;
        }

        if (_backlog is null && IsQueueEmpty && !to.Transport.NeedsFlush)
        {
            // Nobody waits for it, and nothing is left to be done.
            _output.Forget();
            left = true;
            return false;
        }

        _output.BeginFlush();
        return true;
    }

    /// <summary>Puts something in the way of frames that the reading thread writes without the lock.</summary>
    public void TakeDirectBack() => _output.TakeDirectBack();

    /// <inheritdoc cref="FrameOutput.TryWriteInWindow"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryWriteInWindow(WebSocketTransport transport, MessageType type, ReadOnlySpan<byte> payload) =>
        _output.TryWriteInWindow(transport, type, payload);

    /// <inheritdoc cref="FrameOutput.TryWriteDirect"/>
    public bool TryWriteDirect(WebSocketTransport transport, MessageType type, ReadOnlySpan<byte> payload, PreparedMessage? prepared) =>
        _output.TryWriteDirect(transport, type, payload, prepared);

    /// <summary>Asks for room for a message, which is made where its mode says so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly SendOutcome MakeRoom(int bytes, WebSocketConnectionOptions limits, in SendOptions options) =>
        HasQueue ? MakeRoomInQueue(bytes, limits, options) : SendOutcome.Taken;

    /// <summary>Takes a message or a control frame.</summary>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    public bool Write(
        in SendTarget to,
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared = null,
        bool compress = true,
        in SendOptions options = default
    )
    {
        if (OpenMessage is not null && opcode < Opcode.Close)
        {
            (_backlog!.Held ??= new SendQueue()).Add(opcode, payload, prepared, compress);
            return false;
        }

        bool free = _output.IsFree;
        if (free && payload.Length <= SendQueue.SliceBytes && IsQueueEmpty)
        {
            if (to.Deflate is { } deflate && compress && opcode < Opcode.Close)
            {
                WriteCompressed(to, deflate, opcode, payload, prepared);
            }
            else
            {
                _output.WriteFrame(to, opcode, payload, prepared);
            }

            return _output.BeginFlushUnlessReading();
        }

        _output.TakeDirectBack();
        (_queue ??= new SendQueue()).Add(opcode, payload, prepared, compress, options);
        return free && DrainQueue(to);
    }

    /// <summary>The transport has taken all that it was given.</summary>
    /// <returns>How many bytes of the queue were written, which the caller must flush; 0 when the output is free again.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int EndFlush(in SendTarget to, int sliceBytes)
    {
        if (!IsQueueEmpty)
        {
            _output.BeginFlush();
            return _queue!.Drain(to.Transport.Output, to.Role, to.Deflate, sliceBytes);
        }

        _output.EndFlush();
        return 0;
    }

    /// <summary>The connection ends without having been started.</summary>
    public void Release() => _output.EndFlush();

    /// <summary>Nothing can be sent any more: what waits is dropped.</summary>
    public void Stop()
    {
        _output.TakeDirectBack();
        _queue?.Release();
        _queue = null;
        DropHeld();
    }

    /// <summary>Drops whole messages that wait for the end of one that will have none.</summary>
    public readonly void DropHeld()
    {
        if (_backlog is not null)
        {
            _backlog.Held?.Release();
            _backlog.Held = null;
        }
    }

    /// <summary>Gives back a queue that is not used any more.</summary>
    public void Trim()
    {
        if (IsQueueEmpty)
        {
            _queue = null;
        }
    }

    /// <summary>Has a sender wait for room, or for its turn.</summary>
    public void Add(SendWaiter waiter)
    {
        waiter.IsWaiting = true;
        Backlog().Waiters.AddLast(waiter);
    }

    /// <summary>Ends a sender's wait.</summary>
    /// <returns>False where it waits no more.</returns>
    public readonly bool Remove(SendWaiter waiter)
    {
        if (!waiter.IsWaiting)
        {
            return false;
        }

        waiter.IsWaiting = false;
        _backlog!.Waiters.Remove(waiter);
        return true;
    }

    /// <summary>Takes out the sender that is next in line, if there is room for it, or if nothing can be sent any more.</summary>
    public readonly SendWaiter? NextWaiter(bool isClosed, int limit)
    {
        if (OpenMessage is { } open && (isClosed || IsQueueEmpty))
        {
            open.RoomIsThere();
        }

        SendWaiter? waiter = _backlog?.Waiters.First?.Value;
        if (waiter is null || (!isClosed && !(waiter.Opens is null ? HasRoom(waiter.Payload.Length, limit) : OpenMessage is null)))
        {
            return null;
        }

        waiter.IsWaiting = false;
        _backlog!.Waiters.RemoveFirst();
        if (!isClosed && waiter.Opens is not null)
        {
            _backlog.OpenMessage = waiter.Opens;
        }

        return waiter;
    }

    /// <summary>Opens a message that is sent in fragments.</summary>
    /// <returns>False where another is open, or others wait.</returns>
    public bool TryOpen(WebSocketWriteStream message)
    {
        if (OpenMessage is not null || _backlog is { Waiters.Count: > 0 })
        {
            return false;
        }

        Backlog().OpenMessage = message;
        return true;
    }

    /// <summary>Whether this message is the open one.</summary>
    public readonly bool IsOpen(WebSocketWriteStream message) => OpenMessage == message;

    /// <summary>Whether the open message may go on: one fragment under way, and one behind it, is all that it holds.</summary>
    public readonly bool HasRoomForFragment => IsQueueEmpty;

    /// <summary>Takes a part of the open message.</summary>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    public bool WriteFragment(in SendTarget to, WebSocketWriteStream message, ReadOnlySpan<byte> part, bool end, bool flush)
    {
        bool flushes = WriteFragmentOnly(to, message, part, end, flush);
        return end ? EndMessage(to) | flushes : flushes;
    }

    /// <summary>The open message has ended, and what was held takes its turn.</summary>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    public bool EndMessage(in SendTarget to)
    {
        SendBacklog backlog = _backlog!;
        backlog.OpenMessage = null;
        if (backlog.Held is not { } held)
        {
            return false;
        }

        if (IsQueueEmpty)
        {
            _queue = held;
        }
        else
        {
            _queue!.Append(held);
        }

        backlog.Held = null;
        return _output.IsFree && !IsQueueEmpty && DrainQueue(to);
    }

    /// <summary>The invariant that doesn't hold as the send lock is left; null where all do.</summary>
    public readonly string? FindBrokenInvariant(bool maySend) =>
        (_output.Owner, IsReading) switch
        {
            (OutputOwner.Nobody, _) when !IsQueueEmpty => "While the output is nobody's, nothing is queued",
            (OutputOwner.Nobody, true) => "While a read is worked through, the output is somebody's",
            (OutputOwner.Reader or OutputOwner.ReaderDirect, false) => "A reader that owns the output works through a read",
            (OutputOwner.ReaderDirect, _) when !maySend || _backlog is not null || !IsQueueEmpty => "Nothing is in a direct reader's way",
            _ when Held is not null && OpenMessage is null => "Messages are held only while one is open",
            _ when Held is not null && !maySend => "Nothing is held that can't be sent any more",
            _ => null,
        };

    private readonly SendOutcome MakeRoomInQueue(int bytes, WebSocketConnectionOptions limits, in SendOptions options)
    {
        SendQueueFullMode mode = options.WhenFull ?? limits.SendQueueFullMode;
        bool isInLine = _backlog is { Waiters.Count: > 0 } && mode == SendQueueFullMode.Wait;
        if (!isInLine && HasRoom(bytes, limits.SendQueueBytes))
        {
            return SendOutcome.Taken;
        }

        SendQueue? queue = OpenMessage is null ? _queue : Held;
        switch (mode)
        {
            case SendQueueFullMode.Wait:
                return SendOutcome.Full;
            case SendQueueFullMode.DropOldest when options.WhenFull is not null:
                return queue?.TryMakeRoom(bytes, limits.SendQueueBytes, options.ReplaceKey) == true ? SendOutcome.Taken : SendOutcome.Full;
            case SendQueueFullMode.DropOldest:
                queue?.MakeRoom(bytes, limits.SendQueueBytes);
                return SendOutcome.Taken;
            default:
                queue?.Clear();
                return SendOutcome.TooSlow;
        }
    }

    private readonly bool HasRoom(int bytes, int limit)
    {
        if (_queue is null && _backlog is null)
        {
            return true;
        }

        long waiting = (_queue?.Cost ?? 0) + (Held?.Cost ?? 0);
        return waiting == 0 || waiting + bytes + SendQueue.MessageCost <= limit;
    }

    private SendBacklog Backlog()
    {
        _output.TakeDirectBack();
        return _backlog ??= new SendBacklog();
    }

    private bool DrainQueue(in SendTarget to)
    {
        _output.Drain(to, _queue!);
        _output.BeginFlush();
        return true;
    }

    private void WriteCompressed(
        in SendTarget to,
        PerMessageDeflate deflate,
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared
    )
    {
        if (MessageCompressor.TryCompress(deflate, payload, prepared, out ReadOnlySpan<byte> compressed))
        {
            _output.WriteFrame(to, opcode, compressed, prepared: null, rsv1: true);
        }
        else
        {
            _output.WriteFrame(to, opcode, payload, prepared);
        }

        MessageCompressor.Release();
    }

    private bool WriteFragmentOnly(in SendTarget to, WebSocketWriteStream message, ReadOnlySpan<byte> part, bool end, bool flush)
    {
        message.HasContent |= !part.IsEmpty;
        bool compressed = message.Compress && message.HasContent;
        ReadOnlySpan<byte> payload = compressed ? MessageCompressor.CompressPart(to.Deflate!, part, end, flush) : part;
        if (payload.IsEmpty && !end)
        {
            return false;
        }

        Opcode opcode = message.HasBegun ? Opcode.Continuation : (Opcode)message.Type;
        bool rsv1 = compressed && !message.HasBegun;
        message.HasBegun = true;
        bool free = _output.IsFree;
        if (free)
        {
            _output.WriteFrame(to, opcode, payload, prepared: null, rsv1, end);
        }
        else
        {
            _queue ??= new SendQueue();
            _queue.AddFragment(opcode, payload, end, rsv1);
        }

        MessageCompressor.Release();
        return free && _output.BeginFlushUnlessReading();
    }
}
