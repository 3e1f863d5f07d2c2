using Longwire.Protocol;

namespace Longwire;

// Messages that are sent as they come, in fragments. One is open at a time; control frames go between its fragments, and
// other messages are held until it ends (RFC 6455 §5.4: the fragments of messages don't mix).
//
// Invariants, under the send lock: nothing is held while no message is open; a fragment is taken only while no message
// waits in the queue, so what is compressed is compressed in the order in which it leaves.
public sealed partial class WebSocketConnection
{
    private WebSocketWriteStream? OpenMessage => _backlog?.OpenMessage;

    private SendQueue? Held => _backlog?.Held;

    /// <summary>
    /// Opens a message that is sent as it is written, in fragments, without being held. Waits while another is open. Thread safe; messages
    /// that are sent meanwhile wait behind it and count against <see cref="WebSocketConnectionOptions.SendQueueBytes"/>; pings, pongs and a
    /// Close go between.
    /// </summary>
    /// <param name="type">The type. For <see cref="MessageType.Text"/> what is written must be UTF-8, which may be cut anywhere.</param>
    /// <param name="compress">False to send it uncompressed where permessage-deflate was agreed on.</param>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <returns>
    /// The message, to be written, completed by <see cref="WebSocketWriteStream.CompleteAsync(CancellationToken)"/>, and disposed of.
    /// Without being completed it is abandoned: half a message can't be taken back, so the connection then closes.
    /// </returns>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask<WebSocketWriteStream> OpenMessageAsync(
        MessageType type,
        bool compress = true,
        CancellationToken cancellationToken = default
    )
    {
        PreparedMessage.CheckType(type);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<WebSocketWriteStream>(cancellationToken);
        }

        var message = new WebSocketWriteStream(this, type, compress && _receiver.Deflate is { CanDeflate: true });
        SendWaiter waiter;
        lock (_transport)
        {
            if (!MaySend)
            {
                return IsForNobody(0)
                    ? new ValueTask<WebSocketWriteStream>(message)
                    : ValueTask.FromException<WebSocketWriteStream>(ClosedException());
            }

            if (OpenMessage is null && _backlog is null or { Waiters.Count: 0 })
            {
                TheBacklog.OpenMessage = message;
                return new ValueTask<WebSocketWriteStream>(message);
            }

            waiter = new SendWaiter(this, message) { IsWaiting = true };
            TheBacklog.Waiters.AddLast(waiter);
        }

        return WaitAsync(waiter.AsValueTask(cancellationToken), message);

        static async ValueTask<WebSocketWriteStream> WaitAsync(ValueTask waiting, WebSocketWriteStream message)
        {
            await waiting.ConfigureAwait(false);
            return message;
        }
    }

    /// <summary>Takes a part of the open message, at most a slice.</summary>
    /// <param name="message">The message.</param>
    /// <param name="part">The part.</param>
    /// <param name="end">Whether the message ends with it.</param>
    /// <param name="flush">Whether a compressor may keep nothing back.</param>
    /// <param name="room">What to wait for before the next attempt.</param>
    /// <returns>False when there is no room now.</returns>
    internal bool TryWriteFragment(WebSocketWriteStream message, ReadOnlySpan<byte> part, bool end, bool flush, out Task room)
    {
        bool flushOutput;
        lock (_transport)
        {
            if (!MaySend && IsForNobody(part.Length))
            {
                room = Task.CompletedTask;
                return true;
            }

            if (!MaySend || OpenMessage != message)
            {
                throw ClosedException();
            }

            // One fragment under way and one behind it is all that a message holds.
            if (_queue is { IsEmpty: false })
            {
                room = message.WaitForRoom();
                return false;
            }

            flushOutput = WriteFragment(message, part, end, flush);
            if (end)
            {
                flushOutput |= EndMessage();
            }
        }

        if (flushOutput)
        {
            Flush();
        }

        if (end)
        {
            AdmitWaiters();
        }

        room = Task.CompletedTask;
        return true;
    }

    /// <summary>
    /// Ends a message that will not be completed. What the peer has of it can't be taken back, so that closes the connection.
    /// </summary>
    internal void Abandon(WebSocketWriteStream message)
    {
        bool flush = false;
        bool withdrawn;
        lock (_transport)
        {
            if (OpenMessage != message)
            {
                return;
            }

            withdrawn = !message.HasBegun;
            if (withdrawn && MaySend)
            {
                if (message.HasContent)
                {
                    // The compressor knows what the peer will never see.
                    _receiver.Deflate?.TrimSendContext();
                }

                flush = EndMessage();
            }
        }

        if (flush)
        {
            Flush();
        }

        if (withdrawn)
        {
            AdmitWaiters();
        }
        else
        {
            TryClose(Longwire.CloseStatus.InternalError, "A message was begun and not finished");
        }
    }

    // Under the send lock. Returns whether the caller must flush once it has left the lock.
    private bool WriteFragment(WebSocketWriteStream message, ReadOnlySpan<byte> part, bool end, bool flush)
    {
        message.HasContent |= !part.IsEmpty;
        bool compressed = message.Compress && message.HasContent;
        ReadOnlySpan<byte> payload = compressed ? MessageCompressor.CompressPart(_receiver.Deflate!, part, end, flush) : part;
        if (payload.IsEmpty && !end)
        {
            return false;
        }

        Opcode opcode = message.HasBegun ? Opcode.Continuation : (Opcode)message.Type;
        bool rsv1 = compressed && !message.HasBegun;
        message.HasBegun = true;
        if (!IsOutputFree)
        {
            _queue ??= new SendQueue();
            _queue.AddFragment(opcode, payload, end, rsv1);
            CountWaiting();
            MessageCompressor.Release();
            return false;
        }

        WriteFrame(opcode, payload, prepared: null, rsv1, end);
        MessageCompressor.Release();
        return BeginFlushUnlessCorked();
    }

    // Under the send lock. What was held takes its turn. Returns whether the caller must flush once it has left the lock.
    private bool EndMessage()
    {
        SendBacklog backlog = _backlog!;
        backlog.OpenMessage = null;
        if (backlog.Held is not { } held)
        {
            return false;
        }

        if (_queue is null or { IsEmpty: true })
        {
            _queue = held;
        }
        else
        {
            _queue.Append(held);
        }

        backlog.Held = null;
        if (!IsOutputFree || _queue.IsEmpty)
        {
            return false;
        }

        _outputBytes += _queue.Drain(Output, Role, _receiver.Deflate);
        BeginFlush();
        return true;
    }

    // Under the send lock.
    private void Hold(Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared, bool compress)
    {
        SendQueue held = _backlog!.Held ??= new SendQueue();
        if (prepared is not null)
        {
            held.Add(prepared);
        }
        else
        {
            held.Add(opcode, payload, compress);
        }

        CountWaiting();
    }

    // Under the send lock.
    private void ReleaseHeld()
    {
        if (_backlog is not null)
        {
            _backlog.Held?.Release();
            _backlog.Held = null;
        }
    }

    // Under the send lock. Lets the open message go on when there is room, or when it must learn that the connection closes.
    private void AdmitFragment()
    {
        if (OpenMessage is { } message && (!MaySend || _queue is null or { IsEmpty: true }))
        {
            message.RoomIsThere();
        }
    }

    // State that only some connections ever have: a message that is sent in fragments, what is held behind it, and who waits for room.
    private sealed class SendBacklog
    {
        public readonly LinkedList<SendWaiter> Waiters = [];
        public WebSocketWriteStream? OpenMessage;
        public SendQueue? Held;
    }
}
